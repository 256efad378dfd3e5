package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BlockTest {
    @ParameterizedTest
    @EnumSource(Activation.class)
    void activationsEqualTheirDefinitions(Activation activation) {
        int count = 2001;
        Block block = new Block();
        float[] x = new float[count];
        for (int i = 0; i < count; i++) {
            x[i] = (i - 1000) * 0.012f;
        }
        System.arraycopy(x, 0, block.numbers, 0, count);
        double[] expected = ActivationTest.reference(activation, x);
        block.activate(activation, count);
        for (int i = 0; i < count; i++) {
            assertThat((double) block.numbers[i]).as("at " + x[i])
                    .isCloseTo(expected[i], within(1e-6 * Math.max(1, Math.abs(x[i]))));
        }
    }
}
