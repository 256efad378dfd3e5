package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.language.model.GoldenCase;
import sightline.stage.v1.Begin;
import sightline.stage.v1.EndReason;
import sightline.torch.WeightClass;
import sightline.wire.ElementType;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/** A real checkpoint served over gRPC, its projected tokens fetched over gRPC, answers as transformers does. */
class GoldenServiceTest {
    @ParameterizedTest
    @ValueSource(strings = {"gemma-mqa", "gemma-mha-erf", "layout-v5", "layout-original-llava", "llama-mha",
        "llama-gqa", "phi", "demo"})
    void greedyIdsAreThoseOfTransformers(String name) {
        var golden = GoldenCase.open(name);
        var model = new RealModel(golden.model(), WeightClass.FLOAT32);
        try (var vision = new ProjectionServer();
                var node = new TestNode(TestNode.Options.ORDINARY, model.served(), model::load)) {
            for (int i = 0; i < golden.prompts(); i++) {
                var expected = golden.ints("case_" + i + ".greedy_ids");
                var stream = RouterStream.open(node.stub).begin(begin(golden, i, vision, expected.size()).build());
                assertThat(stream.ended().getReason()).isEqualTo(EndReason.END_REASON_LENGTH);
                assertThat(stream.ids).as("%s, prompt %s", name, i).isEqualTo(expected);
            }
        }
    }

    @Test
    void cancelledInTheMiddleItHoldsNothing() {
        var golden = GoldenCase.open("gemma-mqa");
        var model = new RealModel(golden.model(), WeightClass.BFLOAT16);
        try (var vision = new ProjectionServer();
                var node = new TestNode(TestNode.Options.ORDINARY, model.served(), model::load)) {
            var stream = RouterStream.open(node.stub).begin(begin(golden, 0, vision, 60).setCredit(5).build());
            stream.awaitTokens(5);
            assertThat(node.board.load().getKvBlocksUsed()).isPositive();
            stream.cancel();
            Eventually.holds("all is free", node::isIdle);
        }
    }

    static Begin.Builder begin(GoldenCase golden, int number, ProjectionServer vision, int maxNewTokens) {
        var served = new RealModel(golden.model(), WeightClass.FLOAT32).served();
        var begins = new Begins(served);
        var begin = begins.text(golden.ids(number), maxNewTokens);
        for (var image : golden.images(number)) {
            var spec = new TensorSpec(List.of((long) image.count(), (long) served.hidden()), ElementType.FLOAT32,
                    served.modelDigest());
            ByteBuffer bytes = image.bytes();
            vision.hold(Sha256.of(bytes), spec, bytes);
            begin.addImages(begins.rows(image.offset(),
                    begins.ticket(spec, Sha256.of(bytes), vision.endpoint)));
        }
        return begin;
    }
}
