package sightline.router.prompt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.router.prompt.ControlTokens.Segment;

class ControlTokensTest {
    private static final ControlTokens TOKENS = new ControlTokens(Map.of("<a>", 1, "<a>b", 2, "ab", 3, "ba", 4));

    static IntStream seeds() {
        return Integer.getInteger("seed") == null ? IntStream.range(0, 500) : IntStream.of(Integer.getInteger("seed"));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverUsersTypeNoControlTokenIsFoundAndEveryCharacterComesBack(int seed) {
        var random = new Random(seed);
        var parts = Stream.generate(() -> letters(random)).limit(1 + random.nextInt(4)).toList();
        var joined = String.join("", parts.stream().map(TOKENS::guard).toList());
        assertThat(TOKENS.split(joined)).noneMatch(Segment.Control.class::isInstance);
        assertThat(ControlTokens.unguard(joined)).isEqualTo(String.join("", parts));
    }

    @Test
    void aTokenOfTheTemplateIsFoundBetweenGuardedTexts() {
        var text = TOKENS.guard("x<a") + "<a>" + TOKENS.guard(">y");
        assertThat(TOKENS.split(text)).containsExactly(new Segment.Plain("x<\uFDD0a\uFDD0"), new Segment.Control(1),
                new Segment.Plain(">y"));
    }

    @Test
    void ofSeveralAtOnePlaceTheLongestCounts() {
        assertThat(TOKENS.split("<a>b<a>")).isEqualTo(List.of(new Segment.Control(2), new Segment.Control(1)));
    }

    @Test
    void refusesATokenThatCannotBeToldFromText() {
        assertThatThrownBy(() -> new ControlTokens(Map.of("x", 1))).isInstanceOf(IllegalArgumentException.class);
    }

    /** Made to form tokens, beginnings of tokens and marks, also across parts. */
    private static String letters(Random random) {
        var alphabet = List.of("<", "a", ">", "b", "\uFDD0", " ");
        return String.join("", random.ints(random.nextInt(8), 0, alphabet.size()).mapToObj(alphabet::get).toList());
    }
}
