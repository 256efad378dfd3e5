package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RopeTest {
    private static final int HEADS = 3;
    private static final int HEAD_DIM = 20;
    private static final double BASE = 10_000;
    private static final long[] POSITIONS = {0, 1, 77, 8191};

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void turnsEveryPairByItsPositionTimesItsFrequency(DType dtype) {
        float[] x = Samples.gaussian(1, POSITIONS.length, HEADS, HEAD_DIM);
        try (Rope rope = Rope.tables(dtype, 8192, HEAD_DIM, BASE); TensorScope _ = TensorScope.open()) {
            Tensor turned = rope.at(POSITIONS).apply(Tensor.of(x, POSITIONS.length, HEADS, HEAD_DIM).to(dtype));
            // At position 8191 the angle itself is a float32 that is rounded in its fourth decimal place.
            Samples.assertClose(turned, reference(x), dtype == DType.BFLOAT16 ? Samples.BFLOAT16_TOLERANCE : 1e-3);
        }
    }

    @Test
    void oddHeadIsRefused() {
        assertThatThrownBy(() -> Rope.tables(DType.FLOAT32, 8, 7, BASE)).hasMessageContaining("headDim: 7");
    }

    private static double[] reference(float[] x) {
        double[] y = new double[x.length];
        for (int row = 0; row < POSITIONS.length * HEADS; row++) {
            for (int i = 0; i < HEAD_DIM / 2; i++) {
                double angle = POSITIONS[row / HEADS] * Math.pow(BASE, -2.0 * i / HEAD_DIM);
                int low = row * HEAD_DIM + i;
                int high = low + HEAD_DIM / 2;
                y[low] = x[low] * Math.cos(angle) - x[high] * Math.sin(angle);
                y[high] = x[high] * Math.cos(angle) + x[low] * Math.sin(angle);
            }
        }
        return y;
    }
}
