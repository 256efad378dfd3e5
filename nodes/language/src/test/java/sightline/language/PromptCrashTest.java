package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sightline.model.SmallFiles;

class PromptCrashTest {
    private static final SmallFiles FILES = SmallFiles.of(Map.of("tokenizer.json",
            "{\"model\": {\"vocab\": {\"Tell\": 4, \"\u2581me\": 5, \"\u2581a\": 6}}}"
                    .getBytes(StandardCharsets.UTF_8)));

    @Test
    void findsWordsAcrossPiecesAndIgnoresIdsThatItDoesNotKnow() {
        var crash = PromptCrash.on("Tell me", FILES);
        assertThat(crash.isAskedBy(List.of(900, 4, 5, 6))).isTrue();
        assertThat(crash.isAskedBy(List.of(4, 6, 5))).isFalse();
    }
}
