package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sightline.language.RouterStream.Answer;
import sightline.language.TestNode.Options;
import sightline.language.model.GoldenCase;
import sightline.torch.Device;
import sightline.torch.Torch;
import sightline.torch.WeightClass;

/**
 * Tokens and log probabilities have the same bits in however many stages the layers are, with as many steps under way, and
 * whatever becomes of a request: blocks given back, prompts recalled, answers read again.
 */
class SplitInvarianceTest {
    private static final int FEW_BLOCKS = 9; // of which the three requests would like twelve
    private static final int TOKENS = 130;
    private static final double WARM = 0.9;

    @ParameterizedTest
    @CsvSource({"demo, FLOAT32", "demo, BFLOAT16", "demo, INT8", "gemma-mqa, BFLOAT16", "llama-gqa, BFLOAT16",
        "phi, FLOAT32"})
    void answersAreThoseOfOneStage(String name, WeightClass weights) {
        Assumptions.assumeTrue(Torch.start(Device.cpu(), 2).supports(weights), weights + " is refused on this CPU");
        var directory = GoldenCase.open(name).model();
        var whole = answers(new RealModel(directory, weights, FEW_BLOCKS));
        for (int stages = 2; stages <= Math.min(3, directory.config().text().layers()); stages++) {
            assertThat(answers(new RealModel(directory, weights, FEW_BLOCKS).inStages(stages))).as("%s stages", stages)
                    .isEqualTo(whole);
        }
    }

    private static List<Answer> answers(RealModel model) {
        var begins = new Begins(model.served());
        var requests = List.of(begins.scored(begins.randomIds(90, 1), TOKENS, 0, 0),
                begins.scored(begins.randomIds(100, 2), TOKENS, WARM, 3),
                begins.scored(begins.randomIds(70, 3), TOKENS, 0, 0));
        var answers = new ArrayList<Answer>();
        try (var node = new TestNode(Options.ORDINARY, model.served(), model::load)) {
            var streams = requests.stream().map(begin -> RouterStream.open(node.stub).begin(begin.build())).toList();
            streams.forEach(stream -> answers.add(stream.answer()));
            assertThat(node.metric("preemptions_total")).isPositive();
            var resumed = requests.get(1).clone().addAllAnswerIds(answers.get(1).ids().subList(0, 40)).setEpoch(1);
            answers.add(RouterStream.open(node.stub).begin(resumed.build()).answer());
            var twice = begins.scored(begins.randomIds(150, 4), 20, WARM, 5).build();
            answers.add(RouterStream.open(node.stub).begin(twice).answer());
            answers.add(RouterStream.open(node.stub).begin(twice).answer());
            assertThat(node.metric("prefix_hit_tokens_total")).isPositive();
            Eventually.holds("all is free", node::isIdle);
        }
        assertThat(answers.get(3).ids()).isEqualTo(answers.get(1).ids().subList(40, TOKENS));
        assertThat(answers.get(5)).isEqualTo(answers.get(4));
        return answers;
    }
}
