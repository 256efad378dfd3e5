package sightline.router.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.router.text.AnswerText;
import sightline.router.text.DemoTokenizer;
import sightline.router.text.StopStrings;
import sightline.router.text.UnusableTokenizer;

/** Ids and texts equal those of transformers 4.57.6. */
class TextGoldenTest {
    private static final int ANY_LENGTH = 1 << 20;

    static Stream<JsonNode> raw() {
        return TextGolden.entries("raw");
    }

    static Stream<JsonNode> conversations() {
        return TextGolden.entries("conversations");
    }

    static Stream<JsonNode> refused() {
        return TextGolden.entries("refused");
    }

    static Stream<JsonNode> decode() {
        return TextGolden.entries("decode");
    }

    @Test
    void thereAreGoldensOfEveryKind() {
        assertThat(raw().count()).isGreaterThan(50);
        assertThat(conversations().count()).isGreaterThan(40);
        assertThat(refused()).isNotEmpty();
        assertThat(decode().count()).isGreaterThan(50);
    }

    @ParameterizedTest
    @MethodSource("raw")
    void aRenderedPromptHasTheReferenceIds(JsonNode golden) throws Exception {
        try (var encoder = TextGolden.encoder("gemma")) {
            var input = new PromptInput.Rendered(golden.path("text").asText());
            assertThat(encoder.encode(input, pictures(golden), ANY_LENGTH).ids().toArray())
                    .isEqualTo(TextGolden.ids(golden));
        }
    }

    @ParameterizedTest
    @MethodSource("conversations")
    void aConversationHasTheReferenceIds(JsonNode golden) throws Exception {
        try (var encoder = TextGolden.encoder(golden.path("template").asText())) {
            var input = new PromptInput.Conversation(TextGolden.turns(golden));
            assertThat(encoder.encode(input, pictures(golden), ANY_LENGTH).ids().toArray())
                    .isEqualTo(TextGolden.ids(golden));
        }
    }

    @ParameterizedTest
    @MethodSource("refused")
    void aConversationIsRefusedWithTheTemplatesOwnReason(JsonNode golden) throws Exception {
        try (var encoder = TextGolden.encoder(golden.path("template").asText())) {
            var turns = new java.util.ArrayList<>(TextGolden.turns(golden));
            if (turns.getLast().role() != Turn.Role.USER)
                turns.add(turns.getLast()); // such a one is refused before any template sees it
            if (turns.getLast().role() == Turn.Role.USER)
                assertThatThrownBy(() -> encoder.encode(new PromptInput.Conversation(turns), 0, ANY_LENGTH))
                        .isInstanceOf(RequestRefused.class)
                        .hasMessageContaining(golden.path("reason").asText());
        }
    }

    @ParameterizedTest
    @MethodSource("decode")
    void idsHaveTheReferenceText(JsonNode golden) throws UnusableTokenizer {
        var answer = AnswerText.of(DemoTokenizer.vocabulary(), StopStrings.of(java.util.List.of()));
        var text = new StringBuilder();
        for (int id : TextGolden.ids(golden)) {
            var progress = (AnswerText.Progress.Open) answer.accept(id);
            text.append(progress.text());
            answer = progress.next();
        }
        assertThat(text + answer.end().text()).isEqualTo(golden.path("text").asText());
    }

    /** One for each mark that the reference sees. */
    private static int pictures(JsonNode golden) {
        return (int) Arrays.stream(TextGolden.ids(golden)).filter(id -> id == TextGolden.IMAGE.id()).count();
    }
}
