package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResamplingTest {
    private static final double A = -0.75; // of Keys' kernel, as PyTorch takes it

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @ParameterizedTest
    @CsvSource({"5, 3", "3, 7", "6, 6", "37, 24"})
    void everyNumberIsAWeightedSumOfSixteenNeighbours(int from, int to) {
        float[] grid = Samples.gaussian(1, 2, from, from);
        try (TensorScope _ = TensorScope.open()) {
            Tensor resized = Resampling.bicubic(Tensor.of(grid, 1, 2, from, from), to, to);
            assertThat(resized.shape()).containsExactly(1, 2, to, to);
            Samples.assertClose(resized, reference(grid, from, to), 1e-5);
        }
    }

    private static double[] reference(float[] grid, int from, int to) {
        double[] resized = new double[2 * to * to];
        for (int i = 0; i < resized.length; i++) {
            double y = (i / to % to + 0.5) * from / to - 0.5;
            double x = (i % to + 0.5) * from / to - 0.5;
            for (int row = (int) Math.floor(y) - 1; row <= Math.floor(y) + 2; row++) {
                for (int column = (int) Math.floor(x) - 1; column <= Math.floor(x) + 2; column++) {
                    int plane = i / (to * to) * from * from;
                    resized[i] += weight(y - row) * weight(x - column)
                            * grid[plane + Math.clamp(row, 0, from - 1) * from + Math.clamp(column, 0, from - 1)];
                }
            }
        }
        return resized;
    }

    private static double weight(double distance) {
        double d = Math.abs(distance);
        if (d <= 1) {
            return (A + 2) * d * d * d - (A + 3) * d * d + 1;
        }
        return d < 2 ? A * d * d * d - 5 * A * d * d + 8 * A * d - 4 * A : 0;
    }
}
