package sightline.router.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AnswerTextTest {

    static IntStream seeds() {
        return Integer.getInteger("seed") == null ? IntStream.range(0, 200) : IntStream.of(Integer.getInteger("seed"));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void withoutStopStringsTheWholeTextIsTheFullDecode(int seed) throws UnusableTokenizer {
        var random = new Random(seed);
        int[] ids = random.ints(random.nextInt(50), 0, DemoTokenizer.vocabulary().size()).toArray();
        assertThat(shown(List.of(), ids)).isEqualTo(DemoTokenizer.decode(ids));
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void aStopStringAcrossTokenBordersIsCut(int seed) throws UnusableTokenizer {
        var random = new Random(seed);
        int[] ids = random.ints(30, 263, DemoTokenizer.vocabulary().size()).toArray();
        var text = DemoTokenizer.decode(ids);
        int from = random.nextInt(text.length() - 8);
        var stop = text.substring(from, from + 1 + random.nextInt(7));
        assertThat(shown(List.of(stop), ids)).isEqualTo(text.substring(0, text.indexOf(stop)));
    }

    @Test
    void aStopStringThatOnlyTheEndCompletesIsCutToo() throws UnusableTokenizer {
        int[] bytes = DemoTokenizer.encode("日");
        var text = AnswerText.of(DemoTokenizer.vocabulary(), StopStrings.of(List.of("日")));
        for (int id : bytes)
            text = ((AnswerText.Progress.Open) text.accept(id)).next();
        assertThat(text.end().stop()).hasValue("日");
        assertThat(text.end().text()).isEmpty();
    }

    private static String shown(List<String> stops, int... ids) throws UnusableTokenizer {
        var answer = AnswerText.of(DemoTokenizer.vocabulary(), StopStrings.of(stops));
        var shown = new StringBuilder();
        for (int id : ids) {
            var progress = answer.accept(id);
            shown.append(progress.text());
            switch (progress) {
                case AnswerText.Progress.Stopped _ -> {
                    return shown.toString();
                }
                case AnswerText.Progress.Open(var next, _) -> answer = next;
            }
        }
        return shown + answer.end().text();
    }
}
