package sightline.router.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DetokenizerTest {

    /** Seeds for the properties; {@code -Dseed=N} runs one alone. */
    static IntStream seeds() {
        return Integer.getInteger("seed") == null ? IntStream.range(0, 300) : IntStream.of(Integer.getInteger("seed"));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void anyIdsInAnyPortionsGiveTheFullDecode(int seed) throws UnusableTokenizer {
        var vocabulary = DemoTokenizer.vocabulary();
        var random = new Random(seed);
        // Beyond the vocabulary too; every other run mostly bytes, so that broken and whole characters come up.
        int bound = seed % 2 == 0 ? vocabulary.size() + 20 : 270;
        int[] ids = random.ints(1 + random.nextInt(60), 0, bound).toArray();
        assertThat(decode(vocabulary, ids)).isEqualTo(DemoTokenizer.decode(ids));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void neverEmitsHalfACharacter(int seed) throws UnusableTokenizer {
        var random = new Random(seed);
        var text = new StringBuilder();
        IntStream.range(0, 20).forEach(_ -> text.appendCodePoint(character(random)));
        var detokenizer = Detokenizer.of(DemoTokenizer.vocabulary());
        var shown = new StringBuilder();
        for (int id : DemoTokenizer.encode(text.toString())) {
            var step = detokenizer.accept(id);
            detokenizer = step.next();
            shown.append(step.text());
            assertThat(text.toString()).startsWith(shown.toString());
            assertThat(shown.isEmpty() || !Character.isHighSurrogate(shown.charAt(shown.length() - 1))).isTrue();
        }
        assertThat(shown + detokenizer.rest()).isEqualTo(text.toString());
    }

    @Test
    void aSpecialTokenInsideACharacterIsAsIfItWereNotThere() throws UnusableTokenizer {
        int[] bytes = DemoTokenizer.encode("日");
        int[] ids = {bytes[0], 1, bytes[1], 5, bytes[2]};
        assertThat(decode(DemoTokenizer.vocabulary(), ids)).isEqualTo("日");
    }

    @Test
    void aBrokenRunBecomesOneReplacementForEachByte() throws UnusableTokenizer {
        int[] bytes = DemoTokenizer.encode("日");
        assertThat(decode(DemoTokenizer.vocabulary(), bytes[0], bytes[1])).isEqualTo("\uFFFD\uFFFD");
    }

    @Test
    void refusesADecoderThatItDoesNotFollow() throws UnusableTokenizer {
        var file = TokenizerFile.parse("""
                {"model": {"vocab": {"a": 0}}, "decoder": {"type": "WordPiece"}}
                """.getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Vocabulary.of(file)).isInstanceOf(UnusableTokenizer.class)
                .hasMessageContaining("(expected: Replace, ByteFallback, Fuse, Strip; or Metaspace; or ByteLevel)");
    }

    @Test
    void refusesAnIdThatWouldTakeMemoryForNothing() throws UnusableTokenizer {
        var file = TokenizerFile.parse("""
                {"model": {"vocab": {"a": 0}}, "added_tokens": [{"id": 2147483647, "content": "<x>"}]}
                """.getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> Vocabulary.of(file)).isInstanceOf(UnusableTokenizer.class)
                .hasMessageContaining("token id 2147483647");
    }

    private static String decode(Vocabulary vocabulary, int... ids) {
        var detokenizer = Detokenizer.of(vocabulary);
        var text = new StringBuilder();
        for (int id : ids) {
            var step = detokenizer.accept(id);
            detokenizer = step.next();
            text.append(step.text());
        }
        return text + detokenizer.rest();
    }

    /** From every length of UTF-8, white space and combining marks included. */
    private static int character(Random random) {
        int[] candidates = {'a', ' ', '\n', 0x301, 0xE9, 0x65E5, 0x1F999, 0x10FFFF, 0x7FF, 0x200D};
        return candidates[random.nextInt(candidates.length)];
    }
}
