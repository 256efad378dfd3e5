package sightline.router.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SpaceCleaningTest {

    static IntStream seeds() {
        return Integer.getInteger("seed") == null ? IntStream.range(0, 500) : IntStream.of(Integer.getInteger("seed"));
    }

    @Test
    void spacesBeforePunctuationAndAbbreviationsGo() {
        assertThat(cleaned(List.of("I 'm here , you do n't say ; they 've left .  . ' x ' y"), true))
                .isEqualTo("I'm here, you don't say ; they've left. .'x'y");
        assertThat(cleaned(List.of("left alone ."), false)).isEqualTo("left alone .");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void portionsDoNotMatter(int seed) {
        var random = new Random(seed);
        var alphabet = List.of(" ", " ", ".", "?", ",", "'", "n't", "n", "t", "m", "s", "ve", "re", "x");
        var portions = IntStream.range(0, 20)
                .mapToObj(_ -> String.join("",
                        random.ints(random.nextInt(5), 0, alphabet.size()).mapToObj(alphabet::get).toList()))
                .toList();
        assertThat(cleaned(portions, true)).isEqualTo(byDefinition(String.join("", portions)));
    }

    private static String cleaned(List<String> portions, boolean wanted) {
        var cleaning = SpaceCleaning.of(wanted);
        var text = new StringBuilder();
        for (var portion : portions) {
            var step = cleaning.accept(portion);
            text.append(step.text());
            cleaning = step.next();
        }
        return text + cleaning.rest();
    }

    /** As clean_up_tokenization is written. */
    private static String byDefinition(String text) {
        return text.replace(" .", ".")
                .replace(" ?", "?")
                .replace(" !", "!")
                .replace(" ,", ",")
                .replace(" ' ", "'")
                .replace(" n't", "n't")
                .replace(" 'm", "'m")
                .replace(" 's", "'s")
                .replace(" 've", "'ve")
                .replace(" 're", "'re");
    }
}
