package sightline.language.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sightline.model.ModelProblem;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Torch;
import sightline.torch.WeightClass;

/** A model that is split into stages gives the bits of the whole one. */
class StagesTest {
    private static final int KV_BLOCKS = 64;

    @ParameterizedTest
    @CsvSource({"demo, FLOAT32", "demo, BFLOAT16", "demo, INT8", "gemma-mqa, BFLOAT16", "llama-gqa, FLOAT32",
        "llama-gqa, BFLOAT16", "llama-gqa, INT8", "phi, FLOAT32", "phi, BFLOAT16", "phi, INT8"})
    void logitsAndFingerprintAreThoseOfTheWhole(String name, WeightClass weights) throws ModelProblem {
        var torch = Torch.start(Device.cpu(), 2);
        Assumptions.assumeTrue(torch.supports(weights), weights + " is refused on this CPU");
        var golden = GoldenCase.open(name);
        var whole = DecoderModel.load(golden.model(), torch, options(weights), _ -> {});
        var print = whole.proof().fingerprint();
        var expected = Course.run(whole.runner(), golden);
        assertThat(print).isPresent();
        int layers = golden.model().config().text().layers();
        for (int stages = 2; stages <= Math.min(3, layers); stages++) {
            var split = NearStages.load(golden.model(), torch, options(weights), LayerRange.even(layers, stages));
            assertThat(split.proof().fingerprint()).as("%s stages", stages).isEqualTo(print);
            assertThat(split.runner().depth()).isEqualTo(stages);
            Course.requireSame(Course.run(split.runner(), golden), expected);
        }
    }

    @Test
    void aStageKeepsTheKeysAndValuesOfItsOwnLayersOnly() {
        var model = GoldenCase.open("demo").model();
        var compute = WeightClass.BFLOAT16.compute();
        int layers = model.config().text().layers();
        long whole = DecoderModel.kvShape(model, compute, LayerRange.whole(layers)).blockBytes();
        long parts = LayerRange.even(layers, 3)
                .stream()
                .mapToLong(range -> DecoderModel.kvShape(model, compute, range).blockBytes())
                .sum();
        assertThat(parts).isEqualTo(whole);
    }

    @Test
    void layersAreSplitEvenlyOrAsTold() {
        assertThat(LayerRange.even(18, 2)).extracting(LayerRange::count).containsExactly(9, 9);
        assertThat(LayerRange.even(18, 4)).extracting(LayerRange::count).containsExactly(5, 5, 4, 4);
        assertThat(LayerRange.sized(18, List.of(10, 8))).extracting(LayerRange::from).containsExactly(0, 10);
        assertThatThrownBy(() -> LayerRange.sized(18, List.of(10, 9))).hasMessageContaining("expected: 18 together");
        assertThatThrownBy(() -> LayerRange.sized(18, List.of(18, 0))).hasMessageContaining("at least one");
        assertThatThrownBy(() -> LayerRange.even(2, 3)).hasMessageContaining("expected: 1..2");
    }

    private static DecoderModel.Options options(WeightClass weights) {
        return new DecoderModel.Options(Linears.packed(weights), KV_BLOCKS, 2, 2);
    }
}
