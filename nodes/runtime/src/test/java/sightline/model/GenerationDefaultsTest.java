package sightline.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GenerationDefaultsTest {
    private static GenerationDefaults read(String generation) throws ModelProblem {
        return LlavaConfig.parse(SmallFiles.of(Map.of("config.json", bytes(TinyCheckpoint.CONFIG),
                "preprocessor_config.json", bytes(TinyCheckpoint.PREPROCESSOR), "generation_config.json",
                bytes(generation)))).generation();
    }

    private static byte[] bytes(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void withoutDoSampleTheAnswerIsGreedyWhateverElseStandsThere() throws ModelProblem {
        var greedy = GenerationDefaults.greedy(1, List.of(1));

        assertThat(read("{}")).isEqualTo(greedy);
        assertThat(read("{'temperature': 0.7, 'top_k': 5, 'top_p': 0.5}")).isEqualTo(greedy);
        assertThat(read("{'do_sample': false, 'temperature': 0.7}")).isEqualTo(greedy);
    }

    @Test
    void withDoSampleAbsentFieldsMeanWhatTransformersTakes() throws ModelProblem {
        assertThat(read("{'do_sample': true}")).isEqualTo(new GenerationDefaults(1, 50, 1, 0, 1, List.of(1)));
        assertThat(read("{'do_sample': true, 'temperature': 0.7, 'top_k': 0, 'top_p': 0.5, 'min_p': 0.1}"))
                .isEqualTo(new GenerationDefaults(0.7, 0, 0.5, 0.1, 1, List.of(1)));
    }

    @Test
    void aPenaltyCountsInGreedyAnswersToo() throws ModelProblem {
        assertThat(read("{'repetition_penalty': 1.3, 'min_p': 0.1}"))
                .isEqualTo(GenerationDefaults.greedy(1.3, List.of(1)));
    }

    @Test
    void endTokensMayBeOneOrSeveral() throws ModelProblem {
        assertThat(read("{'eos_token_id': 7}").endIds()).containsExactly(7);
        assertThat(read("{'eos_token_id': [1, 107]}").endIds()).containsExactly(1, 107);
    }

    @Test
    void withoutTheFileTheEndTokenIsTheModels() throws ModelProblem {
        assertThat(LlavaConfig.parse(TinyCheckpoint.smallFiles(TinyCheckpoint.CONFIG)).generation())
                .isEqualTo(GenerationDefaults.greedy(1, List.of(1)));
    }

    @Test
    void valuesOutOfRangeAreRefused() {
        for (String text : List.of("{'do_sample': true, 'temperature': 0}", "{'do_sample': true, 'top_p': 1.5}",
                "{'do_sample': true, 'min_p': -0.5}", "{'repetition_penalty': 0}",
                "{'do_sample': true, 'top_k': -1}", "{'eos_token_id': 'stop'}", "{'eos_token_id': [-1]}"))
            assertThatThrownBy(() -> read(text)).isInstanceOf(ModelProblem.class)
                    .hasMessageStartingWith("generation_config.json: ");
    }
}
