package sightline.router.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.model.SmallFiles;
import sightline.router.text.AnswerText;
import sightline.router.text.StopStrings;
import sightline.router.text.TokenizerFile;
import sightline.router.text.UnusableTokenizer;
import sightline.router.text.Vocabulary;

/** Tokenizers of Llama's and Phi's kinds: ids and texts equal those of transformers 4.57.6. */
class TokenizerKindsTest {
    private static final int ANY_LENGTH = 1 << 20;

    @ParameterizedTest
    @ValueSource(strings = {"prepend", "metaspace-first", "metaspace-always", "byte-level", "byte-level-spaced"})
    void textHasTheReferenceIds(String kind) throws Exception {
        var golden = golden(kind);
        int image = golden.path("image_token").asInt();
        var token = new PromptEncoder.ImageToken(image, 1);
        try (var encoder = PromptEncoder.open(SmallFiles.of(Map.of("tokenizer_config.json", bytes(kind,
                "tokenizer_config.json"))), file(kind), token)) {
            for (var entry : golden.path("encode")) {
                int[] ids = ids(entry);
                int pictures = (int) Arrays.stream(ids).filter(id -> id == image).count();
                var text = entry.path("text").asText();
                assertThat(encoder.encode(new PromptInput.Rendered(text), pictures, ANY_LENGTH).ids().toArray())
                        .as("%s: %s", kind, text)
                        .isEqualTo(ids);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"prepend", "metaspace-first", "metaspace-always", "byte-level", "byte-level-spaced"})
    void idsHaveTheReferenceText(String kind) throws Exception {
        var vocabulary = Vocabulary.of(file(kind));
        for (var entry : golden(kind).path("decode")) {
            assertThat(decoded(vocabulary, ids(entry))).as("%s: %s", kind, entry.path("ids"))
                    .isEqualTo(entry.path("text").asText());
        }
    }

    private static String decoded(Vocabulary vocabulary, int[] ids) {
        var answer = AnswerText.of(vocabulary, StopStrings.of(List.of()));
        var text = new StringBuilder();
        for (int id : ids) {
            var progress = (AnswerText.Progress.Open) answer.accept(id);
            text.append(progress.text());
            answer = progress.next();
        }
        return text + answer.end().text();
    }

    private static TokenizerFile file(String kind) throws IOException, UnusableTokenizer {
        return TokenizerFile.parse(bytes(kind, "tokenizer.json"));
    }

    private static JsonNode golden(String kind) throws IOException {
        return new JsonMapper().readTree(bytes(kind, "golden.json"));
    }

    private static byte[] bytes(String kind, String name) throws IOException {
        return Files.readAllBytes(Path.of(System.getProperty("sightline.golden"), "tokenizers", kind, name));
    }

    private static int[] ids(JsonNode entry) {
        return StreamSupport.stream(entry.path("ids").spliterator(), false).mapToInt(JsonNode::asInt).toArray();
    }
}
