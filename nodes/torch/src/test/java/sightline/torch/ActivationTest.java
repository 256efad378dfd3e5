package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationTest {
    /** The functions as they are defined, in double precision. */
    static double[] reference(Activation activation, float[] x) {
        double[] y = new double[x.length];
        for (int i = 0; i < y.length; i++) {
            y[i] = reference(activation, x[i]);
        }
        return y;
    }

    private static double reference(Activation activation, double x) {
        return switch (activation) {
            case GELU_ERF -> x * normal(x);
            case GELU_TANH -> 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case QUICK_GELU -> x / (1 + Math.exp(-1.702 * x));
            case SILU -> x / (1 + Math.exp(-x));
        };
    }

    /** Φ(x) by its power series; beyond eight it is one or zero in double precision's eyes. */
    private static double normal(double x) {
        if (Math.abs(x) > 8) {
            return x > 0 ? 1 : 0;
        }
        double term = x;
        double sum = x;
        for (int n = 1; n < 200; n++) {
            term *= x * x / (2 * n + 1);
            sum += term;
        }
        return 0.5 + sum * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
    }

    @ParameterizedTest
    @EnumSource(Activation.class)
    void equalsItsDefinition(Activation activation) {
        Samples.torch();
        float[] x = new float[1001];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i - 500) * 0.01f;
        }
        try (TensorScope _ = TensorScope.open()) {
            double[] expected = reference(activation, x);
            Samples.assertClose(activation.apply(Tensor.of(x, 7, 143)), expected, 1e-6);
            Samples.assertClose(activation.apply(Tensor.of(x, 7, 143).to(DType.BFLOAT16)), expected,
                    Samples.BFLOAT16_TOLERANCE);
        }
    }

    @Test
    void leavesItsInputAsItWas() {
        Samples.torch();
        try (TensorScope _ = TensorScope.open()) {
            Tensor x = Samples.random(DType.FLOAT32, 1, 3, 5);
            Tensor before = x.mul(1);
            for (Activation activation : Activation.values()) {
                activation.apply(x);
            }
            assertThat(x.sameBits(before)).isTrue();
        }
    }
}
