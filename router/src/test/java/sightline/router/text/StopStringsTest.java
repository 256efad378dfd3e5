package sightline.router.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StopStringsTest {

    /** What came out of a whole text; an empty stop when none was found. */
    private record Shown(String text, String stop) {}

    static IntStream seeds() {
        return Integer.getInteger("seed") == null ? IntStream.range(0, 500) : IntStream.of(Integer.getInteger("seed"));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void portionsDoNotMatterAndTheFirstCompleteStopStringCuts(int seed) {
        var random = new Random(seed);
        var stops = Stream.generate(() -> letters(random, 1 + random.nextInt(4))).limit(random.nextInt(5)).toList();
        var text = letters(random, random.nextInt(40));
        assertThat(shown(stops, portions(random, text))).isEqualTo(expected(stops, text));
    }

    @Test
    void holdsBackOnlyWhatCouldStillBecomeAStopString() {
        var scan = StopStrings.of(List.of("</answer>")).start();
        var outcome = scan.accept("four </ans");
        assertThat(outcome.text()).isEqualTo("four ");
        var next = ((StopStrings.Outcome.Open) outcome).next();
        assertThat(next.rest()).isEqualTo("</ans");
        assertThat(next.accept("wers").text()).isEqualTo("</answers");
        assertThat(next.accept("wer> more")).isEqualTo(new StopStrings.Outcome.Matched("</answer>", ""));
    }

    @Test
    void neverSplitsACharacterThatSharesItsFirstHalfWithAStopString() {
        var outcome = StopStrings.of(List.of("🦙")).start().accept("🦊");
        assertThat(outcome.text()).isEqualTo("🦊");
    }

    @Test
    @Timeout(5)
    void isLinearForHostileStopStrings() {
        var stops = IntStream.range(0, 16).mapToObj(i -> "a".repeat(255 - i) + "b").toList();
        var scan = StopStrings.of(stops).start();
        long start = System.nanoTime();
        for (int i = 0; i < 100_000; i++)
            scan = ((StopStrings.Outcome.Open) scan.accept("aa")).next();
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
        assertThat(scan.rest()).hasSize(255);
    }

    @Test
    void refusesAnEmptyStopString() {
        assertThatThrownBy(() -> StopStrings.of(List.of("a", ""))).isInstanceOf(IllegalArgumentException.class);
    }

    private static Shown shown(List<String> stops, List<String> portions) {
        var scan = StopStrings.of(stops).start();
        var text = new StringBuilder();
        for (var portion : portions) {
            var outcome = scan.accept(portion);
            text.append(outcome.text());
            switch (outcome) {
                case StopStrings.Outcome.Matched(var stop, _) -> {
                    return new Shown(text.toString(), stop);
                }
                case StopStrings.Outcome.Open(var next, _) -> scan = next;
            }
        }
        return new Shown(text + scan.rest(), "");
    }

    /** By definition: the earliest end, and of those the longest. */
    private static Shown expected(List<String> stops, String text) {
        for (int end = 0; end <= text.length(); end++) {
            var before = text.substring(0, end);
            var longest = stops.stream().filter(before::endsWith).max((a, b) -> a.length() - b.length());
            if (longest.isPresent())
                return new Shown(before.substring(0, end - longest.get().length()), longest.get());
        }
        return new Shown(text, "");
    }

    private static String letters(Random random, int length) {
        return random.ints(length, 'a', 'd')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint,
                        StringBuilder::append)
                .toString();
    }

    private static List<String> portions(Random random, String text) {
        var cuts = IntStream.concat(IntStream.of(0, text.length()),
                random.ints(5, 0, text.length() + 1)).sorted().toArray();
        return IntStream.range(1, cuts.length).mapToObj(i -> text.substring(cuts[i - 1], cuts[i])).toList();
    }
}
