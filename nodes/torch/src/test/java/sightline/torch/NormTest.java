package sightline.torch;

import java.lang.foreign.Arena;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class NormTest {
    private static final int ROWS = 5;
    private static final int HIDDEN = 72;
    private static final double EPSILON = 1e-6;

    private final float[] x = Samples.gaussian(1, ROWS, HIDDEN);
    private final float[] weight = Samples.gaussian(2, HIDDEN);
    private final float[] bias = Samples.gaussian(3, HIDDEN);

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void gemmaScalesByOnePlusWeight(DType dtype) {
        try (Arena arena = Arena.ofConfined();
                RmsNorm norm = RmsNorm.gemma(Samples.weight(arena, "w", weight, HIDDEN), EPSILON);
                TensorScope _ = TensorScope.open()) {
            Tensor input = Tensor.of(x, ROWS, HIDDEN).to(dtype);
            float[] rounded = input.toFloats();
            double[] expected = new double[x.length];
            for (int r = 0; r < ROWS; r++) {
                double squares = 0;
                for (int i = 0; i < HIDDEN; i++) {
                    squares += Math.pow(rounded[r * HIDDEN + i], 2);
                }
                double factor = 1 / Math.sqrt(squares / HIDDEN + EPSILON);
                for (int i = 0; i < HIDDEN; i++) {
                    expected[r * HIDDEN + i] = rounded[r * HIDDEN + i] * factor * (1.0 + weight[i]);
                }
            }
            Samples.assertClose(norm.apply(input), expected, roundedOnce(dtype));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void layerNormCentresScalesAndShifts(DType dtype) {
        try (Arena arena = Arena.ofConfined();
                LayerNorm norm = LayerNorm.load(dtype, Samples.weight(arena, "w", weight, HIDDEN),
                        Samples.weight(arena, "b", bias, HIDDEN), EPSILON);
                TensorScope _ = TensorScope.open()) {
            double[] expected = new double[x.length];
            for (int r = 0; r < ROWS; r++) {
                double mean = 0;
                double squares = 0;
                for (int i = 0; i < HIDDEN; i++) {
                    mean += x[r * HIDDEN + i] / (double) HIDDEN;
                    squares += Math.pow(x[r * HIDDEN + i], 2) / HIDDEN;
                }
                double factor = 1 / Math.sqrt(squares - mean * mean + EPSILON);
                for (int i = 0; i < HIDDEN; i++) {
                    expected[r * HIDDEN + i] = (x[r * HIDDEN + i] - mean) * factor * weight[i] + bias[i];
                }
            }
            Samples.assertClose(norm.apply(Tensor.of(x, ROWS, HIDDEN).to(dtype)), expected, Samples.tolerance(dtype));
        }
    }

    /** Half a unit in the last of bfloat16's 8 bits: everything before the last rounding happened in float32. */
    private static double roundedOnce(DType dtype) {
        return dtype == DType.BFLOAT16 ? 1.0 / 256 : Samples.FLOAT32_TOLERANCE;
    }
}
