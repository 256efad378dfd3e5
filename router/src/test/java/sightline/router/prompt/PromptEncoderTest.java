package sightline.router.prompt;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sightline.model.SmallFiles;
import sightline.router.text.DemoTokenizer;
import sightline.router.text.TokenizerFile;
import sightline.wire.Failure;

class PromptEncoderTest {
    private static final int CONTEXT = 200;
    private static final int IMAGE = TextGolden.IMAGE.id();

    @Test
    void aPictureTakesItsRowsAndTellsWhereTheyAre() throws Exception {
        var files = SmallFiles.of(Map.of());
        try (var encoder = PromptEncoder.open(files, DemoTokenizer.file(), new PromptEncoder.ImageToken(IMAGE, 3))) {
            var prompt = encoder.encode(new PromptInput.Rendered("a<image><image>"), 2, CONTEXT);
            int from = prompt.positions() - 6;
            assertThat(Arrays.stream(prompt.ids().toArray()).skip(from)).containsOnly(IMAGE);
            assertThat(prompt.pictures()).containsExactly(new EncodedPrompt.Rows(from, 3),
                    new EncodedPrompt.Rows(from + 3, 3));
            assertThat(prompt.imagePositions()).isEqualTo(6);
        }
    }

    @Test
    void marksAndPicturesMustAgree() throws Exception {
        try (var encoder = TextGolden.encoder("gemma")) {
            assertThat(refusal(encoder, new PromptInput.Rendered("<image>"), 0)).isInstanceOf(Failure.BadImage.class);
            assertThat(refusal(encoder, new PromptInput.Rendered("none"), 1)).isInstanceOf(Failure.BadImage.class);
            assertThat(refusal(encoder, user("<image>"), 1)).isInstanceOf(Failure.BadImage.class);
        }
    }

    @Test
    void aModelWithoutATemplateTakesRenderedPromptsOnly() throws Exception {
        try (var encoder = TextGolden.encoder(Map.of("tokenizer_config.json", "{}"))) {
            assertThat(encoder.hasChatTemplate()).isFalse();
            assertThat(refusal(encoder, user("hi"), 0)).isInstanceOfSatisfying(Failure.BadField.class,
                    failure -> assertThat(failure.field()).isEqualTo("conversation"));
            assertThat(encoder.encode(new PromptInput.Rendered("hi"), 0, CONTEXT).positions()).isPositive();
        }
    }

    @Test
    void aTemplateThatCannotBeRenderedIsAsGoodAsNone() throws Exception {
        try (var encoder = TextGolden
                .encoder(Map.of("chat_template.jinja", "{{ messages[0].content.translate(1) }}"))) {
            assertThat(encoder.hasChatTemplate()).isFalse();
            assertThat(encoder.templateProblem()).hasValueSatisfying(text -> assertThat(text).contains("translate"));
        }
    }

    @Test
    void aPromptBeyondTheContextIsRefusedWithItsLength() throws Exception {
        try (var encoder = TextGolden.encoder("gemma")) {
            assertThat(refusal(encoder, new PromptInput.Rendered("\n".repeat(CONTEXT)), 0))
                    .isEqualTo(new Failure.PromptTooLong(
                            "prompt of 201 positions (expected: at most 200, so that an answer fits)"));
        }
    }

    @Test
    void textThatCannotPossiblyFitIsRefusedWithoutEncodingIt() throws Exception {
        try (var encoder = TextGolden.encoder("gemma")) {
            var megabyte = new PromptInput.Rendered("\u0301".repeat(1 << 19));
            long start = System.nanoTime();
            assertThat(refusal(encoder, megabyte, 0)).isInstanceOf(Failure.PromptTooLong.class);
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        }
    }

    @Test
    void aConversationThatCannotPossiblyFitIsRefusedWithoutRenderingIt() throws Exception {
        var emptyTurns = Collections.nCopies(1 << 20, new Turn(Turn.Role.USER, List.of(new Turn.Part.Text(""))));
        try (var encoder = TextGolden.encoder("gemma")) {
            for (var input : List.of(user("<".repeat(1 << 20)), new PromptInput.Conversation(emptyTurns))) {
                long start = System.nanoTime();
                assertThat(refusal(encoder, input, 0)).isInstanceOf(Failure.PromptTooLong.class);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            }
        }
    }

    @Test
    void longPromptsAreNotTruncated() throws Exception {
        try (var encoder = TextGolden.encoder("gemma")) {
            var prompt = encoder.encode(new PromptInput.Rendered("\n".repeat(5000)), 0, 6000);
            assertThat(prompt.positions()).isEqualTo(5001);
        }
    }

    @Test
    void whereTheConfigSaysSoNothingIsPutInFront() throws Exception {
        try (var encoder = TextGolden.encoder(
                Map.of("tokenizer_config.json", "{\"bos_token\": \"<bos>\", \"add_bos_token\": false}"))) {
            assertThat(encoder.encode(new PromptInput.Rendered("\n"), 0, CONTEXT).positions()).isEqualTo(1);
            assertThat(refusal(encoder, new PromptInput.Rendered(""), 0)).isInstanceOf(Failure.BadField.class);
        }
    }

    @Test
    void anImageTokenThatTheTokenizerLacksIsAdded() throws Exception {
        var whole = DemoTokenizer.file();
        var file = TokenizerFile
                .parse(whole.with(whole.preTokenizer(), token -> !token.content().equals("<image>")));
        try (var encoder = PromptEncoder.open(SmallFiles.of(Map.of()), file, new PromptEncoder.ImageToken(9999, 1))) {
            var prompt = encoder.encode(new PromptInput.Rendered("<image>"), 1, CONTEXT);
            assertThat(prompt.ids().toArray()).endsWith(9999);
        }
    }

    @Test
    void aControlTokenThatSubwordsMergeToStaysTextWhereAUserTypedIt() throws Exception {
        var file = TokenizerFile
                .parse("""
                        {"added_tokens": [{"id": 4, "content": "<image>", "special": true, "normalized": false, "single_word": false,
                                           "lstrip": false, "rstrip": false}],
                         "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
                         "model": {"type": "BPE", "vocab": {"<": 0, "i": 1, ">": 2, "<i": 3, "<image>": 4, "mage": 5, "image": 6,
                                   "m": 7, "a": 8, "g": 9, "e": 10, "ma": 11, "ge": 12, "<image": 13},
                                   "merges": ["m a", "g e", "ma ge", "i mage", "< image", "<image >"]}}
                        """
                        .getBytes(StandardCharsets.UTF_8));
        var template = "{{ messages[0].content }}".getBytes(StandardCharsets.UTF_8);
        var files = SmallFiles.of(Map.of("chat_template.jinja", template));
        try (var encoder = PromptEncoder.open(files, file, new PromptEncoder.ImageToken(4, 1))) {
            assertThat(encoder.encode(user("image<image>"), 0, CONTEXT).ids().toArray()).containsExactly(6, 0, 6, 2);
            assertThat(encoder.encode(new PromptInput.Rendered("<image>"), 1, CONTEXT).ids().toArray())
                    .containsExactly(4);
        }
    }

    @Test
    void anAddedTokenBehindAControlTokenKeepsItsId() throws Exception {
        var flags = "\"normalized\": false, \"single_word\": false, \"lstrip\": false, \"rstrip\": false";
        var file = TokenizerFile
                .parse("""
                        {"added_tokens": [{"id": 2, "content": "<image>", "special": true, FLAGS},
                                          {"id": 3, "content": "bb", "special": false, FLAGS}],
                         "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true}, "model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []}}
                        """
                        .replace("FLAGS", flags)
                        .getBytes(StandardCharsets.UTF_8));
        try (var encoder = PromptEncoder.open(SmallFiles.of(Map.of()), file, new PromptEncoder.ImageToken(2, 1))) {
            assertThat(encoder.encode(new PromptInput.Rendered("ab<image>bb"), 1, CONTEXT).ids().toArray())
                    .containsExactly(0, 1, 2, 3);
        }
    }

    private static PromptInput user(String text) {
        return new PromptInput.Conversation(List.of(new Turn(Turn.Role.USER, List.of(new Turn.Part.Text(text)))));
    }

    private static Failure refusal(PromptEncoder encoder, PromptInput input, int pictures) {
        try {
            throw new AssertionError("not refused: " + encoder.encode(input, pictures, CONTEXT));
        } catch (RequestRefused e) {
            return e.failure();
        }
    }
}
