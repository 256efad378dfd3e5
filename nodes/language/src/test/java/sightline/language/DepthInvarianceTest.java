package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.language.RouterStream.Answer;
import sightline.language.TestNode.Options;
import sightline.language.model.GoldenCase;
import sightline.stage.v1.Begin;
import sightline.torch.WeightClass;

/** A request's tokens and log probabilities have the same bits however many steps are under way at a time. */
class DepthInvarianceTest {
    private static final int TOKENS = 150;
    private static final int SCARCE_BLOCKS = 9;

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void answersAreTheSame(int depth) {
        var directory = GoldenCase.open("demo").model();
        var roomy = new RealModel(directory, WeightClass.BFLOAT16);
        var begins = new Begins(roomy.served());
        var requests = List.of(begins.scored(begins.randomIds(190, 1), TOKENS, 0, 0).build(),
                begins.scored(begins.randomIds(100, 2), TOKENS, 0.9, 3).build(),
                begins.scored(begins.randomIds(70, 3), TOKENS, 0, 0).build());
        List<Answer> oneByOne;
        try (var node = new TestNode(Options.ORDINARY, roomy.served(), roomy::load)) {
            oneByOne = requests.stream().map(request -> answer(node, request)).toList();
        }
        var scarce = new RealModel(directory, WeightClass.BFLOAT16, SCARCE_BLOCKS);
        try (var node = new TestNode(Options.ORDINARY, roomy.served(), () -> staged(scarce.load(), depth))) {
            var streams = requests.stream().map(request -> RouterStream.open(node.stub).begin(request)).toList();
            var together = new ArrayList<Answer>();
            streams.forEach(stream -> together.add(stream.answer()));
            assertThat(together).isEqualTo(oneByOne);
            assertThat(node.metric("preemptions_total")).isPositive();
            for (int i = 0; i < requests.size(); i++) {
                requireTheRest(node, requests.get(i), oneByOne.get(i));
            }
            assertThat(node.metric("prefix_hit_tokens_total")).isPositive();
            Eventually.holds("all is free", node::isIdle);
        }
    }

    /** An answer of which most is there already: it is read again, and so is its prompt as far as it is not kept. */
    private static void requireTheRest(TestNode node, Begin request, Answer whole) {
        int there = TOKENS - 9;
        var resumed = request.toBuilder().addAllAnswerIds(whole.ids().subList(0, there)).setEpoch(1).build();
        assertThat(answer(node, resumed)).isEqualTo(
                new Answer(whole.ids().subList(there, TOKENS), whole.scores().subList(there, TOKENS)));
    }

    private static Engine staged(Engine whole, int depth) {
        return new Engine(new StagedRunner(whole.runner(), depth), whole.vocabulary(), whole.kvBlocks());
    }

    private static Answer answer(TestNode node, Begin request) {
        return RouterStream.open(node.stub).begin(request).answer();
    }
}
