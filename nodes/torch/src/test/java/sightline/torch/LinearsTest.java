package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LinearsTest {
    private static final int IN = 96;
    private static final int OUT = 80;
    private static final Tile TILE = Tile.separate(8);

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void plainAndPackedKernelsComputeTheSame(WeightClass weights) {
        Linears plain = new Linears(weights, Kernels.PLAIN, Optional.empty());
        Linears packed = Linears.packed(weights);
        try (Arena arena = Arena.ofConfined(); TensorScope _ = TensorScope.open()) {
            Weight a = Samples.weight(arena, "a", Samples.gaussian(1, OUT, IN), OUT, IN);
            Weight b = Samples.weight(arena, "b", Samples.gaussian(2, OUT, IN), OUT, IN);
            Weight bias = Samples.weight(arena, "bias", Samples.gaussian(3, OUT), OUT);
            Tensor x = Samples.random(weights.compute(), 4, 21, IN).mul(0.1);
            try (TileLinear one = plain.linear(List.of(a, b), List.of(bias, bias));
                    TileLinear other = packed.linear(List.of(a, b), List.of(bias, bias))) {
                compare(weights, one, other, x);
                compare(weights, one.then(Activation.GELU_ERF), other.then(Activation.GELU_ERF), x);
                assertThat(one.bytes()).isEqualTo(other.bytes());
                assertThat(one.name()).isNotEqualTo(other.name());
            }
            for (Activation activation : Activation.values()) {
                try (GatedLinear one = plain.gated(a, b, activation);
                        GatedLinear other = packed.gated(a, b, activation)) {
                    compare(weights, one, other, x);
                }
            }
        }
    }

    private static void compare(WeightClass weights, RowFunction one, RowFunction other, Tensor x) {
        float[] values = other.apply(x, TILE).toFloats();
        double[] expected = new double[values.length];
        for (int i = 0; i < values.length; i++) {
            expected[i] = values[i];
        }
        Samples.assertClose(one.apply(x, TILE), expected, Samples.tolerance(weights.compute()));
    }

    @Test
    void aPlainWeightOutlivesTheFileItCameFrom() {
        TileLinear linear;
        try (Arena arena = Arena.ofConfined()) {
            Weight weight = Samples.weight(arena, "w", new float[]{1, 2, 3, 4}, 2, 2);
            linear = new Linears(WeightClass.FLOAT32, Kernels.PLAIN, Optional.empty()).linear(weight);
        }
        try (linear; TensorScope _ = TensorScope.open()) {
            assertThat(linear.call(Tensor.of(new float[]{1, 1}, 1, 2)).toFloats()).containsExactly(3, 7);
        }
    }

    @Test
    void int8NeedsPackedKernels() {
        assertThatThrownBy(() -> new Linears(WeightClass.INT8, Kernels.PLAIN, Optional.empty()))
                .hasMessageContaining("expected: packed");
    }

    @Test
    void kernelsAreReadByName() {
        assertThat(Kernels.parse("packed", Device.cpu())).isEqualTo(Kernels.PACKED).hasToString("packed");
        assertThat(Kernels.parse("auto", Device.cpu())).isEqualTo(Kernels.PACKED);
        assertThat(Kernels.parse("auto", Device.parse("cuda:1"))).isEqualTo(Kernels.PLAIN);
        assertThatThrownBy(() -> Kernels.parse("packed", Device.parse("hpu")))
                .hasMessageContaining("packed is for the CPU");
        assertThat(Kernels.parse("plain", Device.cpu())).isEqualTo(Kernels.PLAIN);
        assertThatThrownBy(() -> Kernels.parse("cublas", Device.cpu()))
                .hasMessageContaining("expected: auto, packed or plain");
    }
}
