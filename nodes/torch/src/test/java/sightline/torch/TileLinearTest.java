package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TileLinearTest {
    private static final int IN = 48;
    private static final int OUT = 40;
    private static final Tile TILE = Tile.separate(8);

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    /** A layer of random weights, made in the present scope. */
    static TileLinear linear(DType dtype, long seed, int out, int in) {
        Tensor weight = Samples.random(DType.FLOAT32, seed, out, in).mul(1 / Math.sqrt(in)).to(dtype);
        return Samples.packed(dtype).linear(Weight.stored("w", weight.memory(), dtype, out, in));
    }

    @ParameterizedTest
    @CsvSource({"1,FLOAT32", "7,FLOAT32", "8,FLOAT32", "9,BFLOAT16", "32,BFLOAT16", "65,BFLOAT16"})
    void multipliesAndAddsTheBiasWhateverTheNumberOfRows(int rows, DType dtype) {
        float[] weight = Samples.gaussian(1, OUT, IN);
        float[] bias = Samples.gaussian(2, OUT);
        float[] x = Samples.gaussian(3, rows, IN);
        try (Arena arena = Arena.ofConfined();
                TileLinear linear = Samples.packed(dtype)
                        .linear(List.of(Samples.weight(arena, "w", weight, OUT, IN)),
                                List.of(Samples.weight(arena, "b", bias, OUT)))) {
            try (TensorScope _ = TensorScope.open()) {
                double[] expected = product(x, weight, bias, rows);
                for (Tile tile : List.of(TILE, new Tile(8, 3), Tile.separate(32))) {
                    Tensor y = linear.apply(Tensor.of(x, rows, IN).to(dtype), tile);
                    assertThat(y.shape()).containsExactly(rows, OUT);
                    Samples.assertClose(y, expected, Samples.tolerance(dtype));
                }
            }
        }
    }

    @Test
    void packedTogetherEqualsPackedApart() {
        float[] first = Samples.gaussian(1, OUT, IN);
        float[] second = Samples.gaussian(2, 8, IN);
        try (Arena arena = Arena.ofConfined()) {
            Weight a = Samples.weight(arena, "a", first, OUT, IN);
            Weight b = Samples.weight(arena, "b", second, 8, IN);
            Linears bfloat16 = Samples.packed(DType.BFLOAT16);
            try (TileLinear together = bfloat16.linear(List.of(a, b), List.of());
                    TileLinear apartA = bfloat16.linear(a);
                    TileLinear apartB = bfloat16.linear(b);
                    TensorScope _ = TensorScope.open()) {
                Tensor x = Samples.random(DType.BFLOAT16, 3, 5, IN);
                Tensor y = together.apply(x, TILE);
                assertThat(y.narrow(1, 0, OUT).contiguous().sameBits(apartA.apply(x, TILE))).isTrue();
                assertThat(y.narrow(1, OUT, 8).contiguous().sameBits(apartB.apply(x, TILE))).isTrue();
                assertThat(together.bytes()).isEqualTo((OUT + 8) * IN * 2L).isEqualTo(apartA.bytes() + apartB.bytes());
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void activationInsideTheKernelEqualsTheOneBesideIt(Activation activation) {
        try (TensorScope _ = TensorScope.open(); TileLinear linear = linear(DType.FLOAT32, 1, OUT, IN)) {
            Tensor x = Samples.random(DType.FLOAT32, 2, 16, IN).mul(3);
            double[] expected = ActivationTest.reference(activation, linear.apply(x, TILE).toFloats());
            Samples.assertClose(linear.then(activation).apply(x, TILE), expected, Samples.FLOAT32_TOLERANCE);
        }
    }

    @Test
    void aWeightWithNaNIsRefusedByName() {
        float[] values = Samples.gaussian(1, OUT, IN);
        values[77] = Float.NaN;
        try (Arena arena = Arena.ofConfined()) {
            Weight weight = Samples.weight(arena, "layers.3.mlp.up_proj.weight", values, OUT, IN);
            Weight bias = Samples.weight(arena, "bias", new float[]{Float.NEGATIVE_INFINITY}, 1);
            assertThatThrownBy(() -> Samples.packed(DType.BFLOAT16).linear(weight))
                    .isInstanceOf(NonFiniteWeightException.class)
                    .hasMessageContaining("layers.3.mlp.up_proj.weight");
            assertThatThrownBy(() -> Samples.packed(DType.FLOAT32)
                    .linear(List.of(Samples.weight(arena, "w", new float[1], 1, 1)), List.of(bias)))
                    .isInstanceOf(NonFiniteWeightException.class)
                    .hasMessageContaining("bias");
        }
    }

    @Test
    void biasesThatDoNotMatchTheWeightsAreRefused() {
        try (Arena arena = Arena.ofConfined()) {
            Weight weight = Samples.weight(arena, "w", new float[1], 1, 1);
            assertThatThrownBy(() -> Samples.packed(DType.FLOAT32).linear(List.of(weight, weight), List.of(weight)))
                    .hasMessageContaining("biases: 1");
        }
    }

    @Test
    void nameTellsShapeTypeBiasAndActivation() {
        try (TensorScope _ = TensorScope.open(); TileLinear linear = linear(DType.BFLOAT16, 1, OUT, IN)) {
            assertThat(linear.name()).isEqualTo("BFLOAT16[40,48]");
            assertThat(linear.then(Activation.SILU).name()).isEqualTo("BFLOAT16[40,48] SILU");
        }
    }

    private static double[] product(float[] x, float[] weight, float[] bias, int rows) {
        double[] y = new double[rows * OUT];
        for (int r = 0; r < rows; r++) {
            for (int o = 0; o < OUT; o++) {
                double sum = bias[o];
                for (int i = 0; i < IN; i++) {
                    sum += (double) x[r * IN + i] * weight[o * IN + i];
                }
                y[r * OUT + o] = sum;
            }
        }
        return y;
    }
}
