package sightline.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * A stretch of a row on the Java heap, where the compiler turns plain loops into vector instructions; on native memory
 * it does not (JDK 25: 8 ns instead of 0.8 for a GELU).
 *
 * <p>Every operation is one of IEEE 754 in a fixed order, so a number comes out the same on any CPU and thread.
 */
// The coefficients keep the digits that their source has.
@SuppressWarnings("FloatingPointLiteralPrecision")
final class Block {
    /** Floats that leave room for several blocks in the first-level cache. */
    static final int SIZE = 2048;

    final float[] numbers = new float[SIZE];

    void read(MemorySegment source, long from, int count) {
        MemorySegment.copy(source, ValueLayout.JAVA_FLOAT, from * Float.BYTES, numbers, 0, count);
    }

    void write(MemorySegment target, long from, int count) {
        MemorySegment.copy(numbers, 0, target, ValueLayout.JAVA_FLOAT, from * Float.BYTES, count);
    }

    void clear(int count) {
        Arrays.fill(numbers, 0, count, 0);
    }

    void add(float[] summands, int from, int count) {
        for (int i = 0; i < count; i++) {
            numbers[i] += summands[from + i];
        }
    }

    void addScaled(Block other, float factor, int count) {
        float[] summands = other.numbers;
        for (int i = 0; i < count; i++) {
            numbers[i] += summands[i] * factor;
        }
    }

    void multiply(Block other, int count) {
        float[] factors = other.numbers;
        for (int i = 0; i < count; i++) {
            numbers[i] *= factors[i];
        }
    }

    void activate(Activation activation, int count) {
        switch (activation) {
            case GELU_ERF -> geluByErf(count);
            // √(2/π) and √(2/π) · 0.044715
            case GELU_TANH -> gateByTanh(0.7978845608f, 0.0356774081f, count);
            case SILU -> gateByTanh(0.5f, 0, count);
            case QUICK_GELU -> gateByTanh(0.851f, 0, count);
        }
    }

    /** x · (1 + tanh(a·x + b·x³)) / 2, which is x · sigmoid(2 · (a·x + b·x³)). */
    // The rational function is Eigen 3.4.0's, generic_fast_tanh_float, https://gitlab.com/libeigen/eigen/-/tree/3.4.0
    private void gateByTanh(float a, float b, int count) {
        for (int i = 0; i < count; i++) {
            float x = numbers[i];
            float t = Math.max(-7.9053111f, Math.min(7.9053111f, x * (a + b * x * x)));
            float s = t * t;
            float p = -2.76076847742355e-16f * s + 2.00018790482477e-13f;
            p = p * s - 8.60467152213735e-11f;
            p = p * s + 5.12229709037114e-08f;
            p = p * s + 1.48572235717979e-05f;
            p = p * s + 6.37261928875436e-04f;
            p = p * s + 4.89352455891786e-03f;
            float q = 1.19825839466702e-06f * s + 1.18534705686654e-04f;
            q = q * s + 2.26843463243900e-03f;
            q = q * s + 4.89352518554385e-03f;
            numbers[i] = 0.5f * x * (1 + t * p / q);
        }
    }

    /** x · (1 + erf(x/√2)) / 2. */
    // The rational function is Eigen 3.4.0's, generic_fast_erf_float, https://gitlab.com/libeigen/eigen/-/tree/3.4.0
    private void geluByErf(int count) {
        for (int i = 0; i < count; i++) {
            float x = numbers[i];
            float t = Math.max(-4f, Math.min(4f, x * 0.7071067812f));
            float s = t * t;
            float p = -2.72614225801306e-10f * s + 2.77068142495902e-08f;
            p = p * s - 2.10102402082508e-06f;
            p = p * s - 5.69250639462346e-05f;
            p = p * s - 7.34990630326855e-04f;
            p = p * s - 2.95459980854025e-03f;
            p = p * s - 1.60960333262415e-02f;
            float q = -1.45660718464996e-05f * s - 2.13374055278905e-04f;
            q = q * s - 1.68282697438203e-03f;
            q = q * s - 7.37332916720468e-03f;
            q = q * s - 1.42647390514189e-02f;
            numbers[i] = 0.5f * x * (1 + t * p / q);
        }
    }
}
