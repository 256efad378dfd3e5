package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/** Numbers to test with, and the comparison with references computed in plain Java doubles. */
final class Samples {
    /** Rounding to bfloat16 keeps 8 bits; sums of rounded products come a little worse. */
    static final double BFLOAT16_TOLERANCE = 0.02;

    /** What the parity tests of the models ask for. */
    static final double FLOAT32_TOLERANCE = 1e-5;

    private Samples() {}

    static Torch torch() {
        return Torch.start(Device.cpu(), 2);
    }

    static float[] gaussian(long seed, long... shape) {
        long count = 1;
        for (long size : shape) {
            count *= size;
        }
        Random random = new Random(seed);
        float[] values = new float[Math.toIntExact(count)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    static Tensor random(DType dtype, long seed, long... shape) {
        return Tensor.of(gaussian(seed, shape), shape).to(dtype);
    }

    /** A weight in native memory, as a mapped file would hold it, stored as float32. */
    static Weight weight(Arena arena, String name, float[] values, long... shape) {
        MemorySegment bytes = arena.allocate((long) values.length * Float.BYTES, Long.BYTES);
        MemorySegment.copy(values, 0, bytes, ValueLayout.JAVA_FLOAT, 0, values.length);
        return Weight.stored(name, bytes, DType.FLOAT32, shape);
    }

    /** What makes layers of that type. */
    static Linears packed(DType dtype) {
        return Linears.packed(WeightClass.valueOf(dtype.name()));
    }

    static double tolerance(DType dtype) {
        return dtype == DType.BFLOAT16 ? BFLOAT16_TOLERANCE : FLOAT32_TOLERANCE;
    }

    /** As golden tensors are compared: no difference above the tolerance times the largest value. */
    static void assertClose(Tensor actual, double[] expected, double tolerance) {
        float[] values = actual.toFloats();
        assertThat(values).hasSameSizeAs(expected);
        double largest = 0;
        double difference = 0;
        for (int i = 0; i < values.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            difference = Math.max(difference, Math.abs(values[i] - expected[i]));
        }
        assertThat(difference).as("largest difference").isLessThanOrEqualTo(tolerance * largest);
    }
}
