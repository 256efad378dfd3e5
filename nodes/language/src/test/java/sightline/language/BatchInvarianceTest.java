package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sightline.language.model.GoldenCase;
import sightline.stage.v1.Begin;
import sightline.torch.Kernels;
import sightline.torch.WeightClass;

/** A request's tokens and log probabilities have the same bits alone and among any number of others. */
class BatchInvarianceTest {
    private static final int[] OTHERS = {1, 3, 8, 17};
    private static final int TOKENS = 20;

    // More than are generated while the others are admitted and the answers compared.
    private static final int NEIGHBOUR_TOKENS = 400;

    @ParameterizedTest
    @CsvSource({"demo, FLOAT32, PACKED", "demo, BFLOAT16, PACKED", "demo, INT8, PACKED", "demo, FLOAT32, PLAIN",
        "gemma-mqa, BFLOAT16, PACKED", "llama-mha, FLOAT32, PACKED", "llama-mha, BFLOAT16, PACKED",
        "llama-gqa, FLOAT32, PACKED", "llama-gqa, BFLOAT16, PACKED", "llama-gqa, INT8, PACKED",
        "llama-gqa, BFLOAT16, PLAIN", "phi, FLOAT32, PACKED", "phi, BFLOAT16, PACKED", "phi, INT8, PACKED"})
    void tokensAndLogprobsDoNotDependOnTheOthers(String name, WeightClass weights, Kernels kernels) {
        var model = new RealModel(GoldenCase.open(name).model(), weights, kernels);
        try (var node = new TestNode(TestNode.Options.ORDINARY, model.served(), model::load)) {
            var begins = new Begins(model.served());
            var greedy = request(begins, 1, 0);
            var sampled = request(begins, 2, 0.9);
            var greedyAlone = RouterStream.open(node.stub).begin(greedy).answer();
            var sampledAlone = RouterStream.open(node.stub).begin(sampled).answer();
            assertThat(model.loaded.get().proof().fingerprint()).isPresent();
            for (int others : OTHERS) {
                var neighbours = neighbours(node, begins, others);
                var both = List.of(RouterStream.open(node.stub).begin(greedy),
                        RouterStream.open(node.stub).begin(sampled));
                assertThat(both.get(0).answer()).as("greedy among %s", others).isEqualTo(greedyAlone);
                assertThat(both.get(1).answer()).as("sampled among %s", others).isEqualTo(sampledAlone);
                assertThat(node.board.load().getRunning()).isEqualTo(others);
                neighbours.forEach(RouterStream::cancel);
                Eventually.holds("the others are gone", node::isIdle);
            }
        }
    }

    /** Requests that decode all the while. */
    private static List<RouterStream> neighbours(TestNode node, Begins begins, int count) {
        var streams = new ArrayList<RouterStream>();
        for (int i = 0; i < count; i++) {
            var begin = request(begins, 100 + i, i % 2).toBuilder().setCredit(NEIGHBOUR_TOKENS);
            begin.getStoppingBuilder().setMaxNewTokens(NEIGHBOUR_TOKENS);
            streams.add(RouterStream.open(node.stub).begin(begin.build()));
        }
        streams.forEach(stream -> stream.awaitTokens(1));
        return streams;
    }

    /** A prompt of some tiles and a part of one. */
    private static Begin request(Begins begins, int seed, double temperature) {
        var ids = begins.randomIds(40 + seed % 60, seed);
        return begins.scored(ids, TOKENS, temperature, seed).build();
    }
}
