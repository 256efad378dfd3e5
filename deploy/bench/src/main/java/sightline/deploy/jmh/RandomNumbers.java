package sightline.deploy.jmh;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import sightline.torch.DType;
import sightline.torch.OwnedTensor;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Weight;

/** Uniform numbers, the same on every run. */
final class RandomNumbers {
    private static final long SEED = 7;

    private RandomNumbers() {}

    /** Numbers in [-1, 1). */
    static float[] floats(int count) {
        var random = new SplittableRandom(SEED);
        float[] values = new float[count];
        for (int i = 0; i < count; i++)
            values[i] = random.nextFloat() * 2 - 1;
        return values;
    }

    /** A tensor that outlives every scope, numbers in [-1, 1). */
    static OwnedTensor tensor(DType dtype, long... shape) {
        long count = 1;
        for (long dimension : shape)
            count *= dimension;
        try (TensorScope _ = TensorScope.open()) {
            return Tensor.zeros(dtype, shape).copyInPlace(Tensor.of(floats(Math.toIntExact(count)), shape)).own();
        }
    }

    /**
     * A weight as a bfloat16 checkpoint holds it, numbers of 1/64 and less.
     *
     * @param arena what the bytes live in, until the weight is packed
     */
    static Weight weight(Arena arena, long out, long in) {
        var random = new SplittableRandom(SEED);
        MemorySegment bytes = arena.allocate(out * in * Short.BYTES, 64);
        // Exponents 2^-7 and below with a random sign and fraction: four numbers from each draw.
        for (long at = 0; at < bytes.byteSize(); at += Long.BYTES)
            bytes.set(ValueLayout.JAVA_LONG, at, (random.nextLong() & 0x807F_807F_807F_807FL) | 0x3C00_3C00_3C00_3C00L);
        return Weight.stored("random", bytes, DType.BFLOAT16, out, in);
    }
}
