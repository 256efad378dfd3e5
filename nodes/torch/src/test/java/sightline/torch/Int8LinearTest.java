package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class Int8LinearTest {
    private static final int IN = 2048;
    private static final int OUT = 256;
    private static final int ROWS = 32;
    private static final Tile TILE = Tile.separate(8);
    private static final Linears INT8 = Linears.packed(WeightClass.INT8);
    private static final Linears FLOAT32 = Linears.packed(WeightClass.FLOAT32);

    /** Rows and weights in 255 steps each, both Gaussian, are off by 1.2 % together. */
    private static final double GAUSSIAN_ERROR = 0.015;

    @BeforeAll
    static void start() {
        Samples.torch();
        assumeTrue(Samples.torch().obstacle(WeightClass.INT8).isEmpty(), "int8 is refused on this CPU");
    }

    static TileLinear linear(long seed, int out, int in) {
        return new Both(seed, out, in, Optional.empty()).int8();
    }

    /** One layer in float32 and int8. */
    private record Both(TileLinear float32, TileLinear int8) {
        Both(long seed, int out, int in, Optional<float[]> bias) {
            this(layer(FLOAT32, seed, out, in, bias), layer(INT8, seed, out, in, bias));
        }

        private static TileLinear layer(Linears linears, long seed, int out, int in, Optional<float[]> bias) {
            try (Arena arena = Arena.ofConfined()) {
                Weight weight = Samples.weight(arena, "w", Samples.gaussian(seed, out, in), out, in);
                return linears.linear(List.of(weight),
                        bias.map(b -> List.of(Samples.weight(arena, "b", b, out))).orElse(List.of()));
            }
        }

        /** Length of the difference by length of the float32 result. */
        double error(Tensor x) {
            float[] expected = float32.apply(x.to(DType.FLOAT32), TILE).toFloats();
            float[] actual = int8.apply(x, TILE).toFloats();
            return relative(actual, expected);
        }
    }

    private static double relative(float[] actual, float[] expected) {
        double difference = 0;
        double length = 0;
        for (int i = 0; i < expected.length; i++) {
            difference += Math.pow((double) actual[i] - expected[i], 2);
            length += Math.pow(expected[i], 2);
        }
        return Math.sqrt(difference / length);
    }

    @ParameterizedTest
    @CsvSource({"1,2048", "7,2048", "32,2048", "40,64", "9,8192"})
    void isAsExactAsEightBitsAllow(int rows, int in) {
        try (TensorScope _ = TensorScope.open()) {
            Both both = new Both(1, OUT, in, Optional.of(Samples.gaussian(2, OUT)));
            Tensor x = Samples.random(DType.BFLOAT16, 3, rows, in);
            assertThat(both.error(x)).isLessThan(GAUSSIAN_ERROR);
            assertThat(both.int8.apply(x, TILE).dtype()).isEqualTo(DType.BFLOAT16);
        }
    }

    @ParameterizedTest
    @CsvSource({"1,5", "1,20", "4,10", "4,100", "16,10", "16,50", "64,10", "64,100", "1,1000", "200,30"})
    void outlierChannelsCostNoMoreThanThreeTimesTheErrorOfGaussianRows(int channels, double magnitude) {
        try (TensorScope _ = TensorScope.open()) {
            Both both = new Both(1, OUT, IN, Optional.empty());
            Tensor x = Samples.random(DType.BFLOAT16, 3, ROWS, IN);
            double gaussian = both.error(x);
            for (int i = 0; i < channels; i++) {
                x.narrow(1, (i * 31L + 5) % IN, 1).mulInPlace(magnitude);
            }
            assertThat(both.error(x)).isLessThan(3 * gaussian);
        }
    }

    /** What enters the second half of an MLP: its largest numbers are much further out than Gaussian ones. */
    @Test
    void gatedProductsCostLittleMoreThanGaussianRows() {
        int in = 16_384;
        try (TensorScope _ = TensorScope.open()) {
            Both both = new Both(1, 64, in, Optional.empty());
            Tensor up = Samples.random(DType.BFLOAT16, 4, ROWS, in);
            double gaussian = both.error(up);
            Tensor gated = Activation.GELU_TANH.apply(Samples.random(DType.BFLOAT16, 3, ROWS, in)).mul(up);
            assertThat(both.error(gated)).isLessThan(2.15 * gaussian);
        }
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void activationsAndGatesAreComputedOnUnroundedSums(Activation activation) {
        try (Arena arena = Arena.ofConfined(); TensorScope _ = TensorScope.open()) {
            float[] scaled = Samples.gaussian(1, OUT, IN);
            for (int i = 0; i < scaled.length; i++) {
                scaled[i] /= 30;
            }
            Weight gate = Samples.weight(arena, "gate", scaled, OUT, IN);
            Weight up = Samples.weight(arena, "up", Samples.gaussian(2, OUT, IN), OUT, IN);
            Tensor x = Samples.random(DType.BFLOAT16, 3, ROWS, IN);
            try (GatedLinear expected = FLOAT32.gated(gate, up, activation);
                    GatedLinear actual = INT8.gated(gate, up, activation);
                    TileLinear expectedHalf = FLOAT32.linear(gate).then(activation);
                    TileLinear actualHalf = INT8.linear(gate).then(activation)) {
                Tensor wide = x.to(DType.FLOAT32);
                assertThat(relative(actualHalf.apply(x, TILE).toFloats(), expectedHalf.apply(wide, TILE).toFloats()))
                        .isLessThan(GAUSSIAN_ERROR);
                assertThat(relative(actual.apply(x, TILE).toFloats(), expected.apply(wide, TILE).toFloats()))
                        .isLessThan(2 * GAUSSIAN_ERROR);
            }
        }
    }

    @Test
    void aLayerKeepsLittleMoreThanAByteAWeight() {
        try (TensorScope _ = TensorScope.open(); TileLinear linear = linear(1, OUT, IN)) {
            assertThat(linear.bytes()).isBetween((long) OUT * IN, OUT * IN * 101L / 100);
            assertThat(linear.name()).isEqualTo("INT8[256,2048]");
        }
    }

    /** Outliers, zeros and Gaussian rows side by side: which rows need a second one must not matter to the others. */
    @ParameterizedTest
    @CsvSource({"640,160", "577,333", "256,4096", "72,8256"})
    void aRowHasTheSameBitsInAnyNumberOfRowsBesideAnyOthers(int out, int in) {
        int rows = 160;
        try (TensorScope _ = TensorScope.open(); TileLinear linear = linear(1, out, in)) {
            Tensor x = Samples.random(DType.BFLOAT16, 2, rows, in);
            for (int row = 0; row < rows; row += 3) {
                x.narrow(0, row, 1).narrow(1, row % in, 1).mulInPlace(row % 2 == 0 ? 500 : 20);
            }
            x.narrow(0, 7, 9).fillInPlace(0);
            Tensor together = linear.call(x);
            List<Integer> differ = new ArrayList<>();
            for (int count : IntStream.concat(IntStream.rangeClosed(1, 40), IntStream.of(64, 96, 128)).toArray()) {
                for (int from : new int[]{0, 3, rows - count}) {
                    Tensor part = linear.call(x.narrow(0, from, count).contiguous());
                    if (!part.sameBits(together.narrow(0, from, count))) {
                        differ.add(count);
                    }
                }
            }
            assertThat(differ).isEmpty();
        }
    }

    @Test
    void theSelfTestProvesItStrictAndJoinable() {
        try (Arena arena = Arena.ofConfined(); TensorScope _ = TensorScope.open()) {
            Weight weight = Samples.weight(arena, "w", Samples.gaussian(1, 320, 588), 320, 588);
            try (TileLinear linear = INT8.linear(weight);
                    GatedLinear gated = INT8.gated(weight, weight, Activation.GELU_TANH)) {
                List<RowFunction> functions = List.of(linear, linear.then(Activation.GELU_ERF), gated);
                for (Tile tile : List.of(new Tile(1, 16), new Tile(8, 4), new Tile(32, 4))) {
                    assertThat(SelfTest.run(functions, tile)).isEqualTo(
                            new SelfTest.Result(true, true, List.of()));
                }
            }
        }
    }

    @Test
    void aRowOfZerosComesOutAsTheBias() {
        float[] bias = Samples.gaussian(2, OUT);
        try (TensorScope _ = TensorScope.open()) {
            TileLinear linear = new Both(1, OUT, IN, Optional.of(bias)).int8();
            Tensor y = linear.call(Tensor.zeros(DType.FLOAT32, 3, IN));
            assertThat(y.narrow(0, 2, 1).toFloats()).containsExactly(bias);
        }
    }

    @Test
    void notANumberIsNotHidden() {
        try (TensorScope _ = TensorScope.open(); TileLinear linear = linear(1, OUT, IN)) {
            for (float bad : new float[]{Float.NaN, Float.POSITIVE_INFINITY}) {
                Tensor x = Samples.random(DType.BFLOAT16, 3, 4, IN);
                x.narrow(0, 2, 1).narrow(1, 77, 1).fillInPlace(bad);
                Tensor y = linear.call(x);
                assertThat(y.narrow(0, 2, 1).isFinite()).isFalse();
                assertThat(y.narrow(0, 3, 1).isFinite()).isTrue();
            }
        }
    }
}
