package sightline.deploy.synth;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Random;

import sightline.deploy.synth.TensorSpec.Fill;

/**
 * The bfloat16 values of one tensor, addressable by element: runs may be filled in any order and on any thread, and the
 * same seed and tensor name always give the same values.
 */
final class BFloat16Values {

    /*
     * Gigabytes of Gaussian draws would take a minute, so a value is one of 8,192 draws made beforehand (16 KiB, within
     * the first-level cache), picked by 13 bits of SplitMix64 in counter form; one 64-bit word serves four elements.
     * The draws come from java.util.Random, whose Gaussian is specified bit by bit.
     */
    private static final int DRAW_BITS = 13;
    private static final int DRAWS = 1 << DRAW_BITS;
    private static final int PER_WORD = 4;
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final short[] draws;
    private final long key;

    private BFloat16Values(short[] draws, long key) {
        this.draws = draws;
        this.key = key;
    }

    static BFloat16Values of(TensorSpec spec, long seed) {
        short[] draws = new short[DRAWS];
        Random random = new Random(seed);
        for (int i = 0; i < DRAWS; i++) {
            draws[i] = switch (spec.fill()) {
                case Fill.Constant(float value) -> bfloat16(value);
                case Fill.EitherOf(float one, float other) -> bfloat16(i % 2 == 0 ? one : other);
                case Fill.Normal(double deviation) -> bfloat16((float) (random.nextGaussian() * deviation));
            };
        }
        return new BFloat16Values(draws, mix(seed ^ mix(spec.name().hashCode())));
    }

    /** @param run little-endian bfloat16, filled from the element at {@code firstElement} (a multiple of four) on */
    void fill(MemorySegment run, long firstElement) {
        if (firstElement % PER_WORD != 0) {
            throw new IllegalArgumentException(
                    "firstElement: " + firstElement + " (expected: a multiple of " + PER_WORD + ")");
        }
        long elements = run.byteSize() / Short.BYTES;
        long whole = elements - elements % PER_WORD;
        for (long i = 0; i < whole; i += PER_WORD) {
            long word = word(firstElement + i);
            run.set(LONG, i * Short.BYTES,
                    draw(word, 0) | (draw(word, 1) << 16) | (draw(word, 2) << 32) | (draw(word, 3) << 48));
        }
        for (long i = whole; i < elements; i++) {
            run.set(SHORT, i * Short.BYTES, (short) draw(word(firstElement + whole), (int) (i - whole)));
        }
    }

    private long word(long element) {
        return mix(key + element / PER_WORD * 0x9E3779B97F4A7C15L);
    }

    private long draw(long word, int lane) {
        return draws[(int) (word >>> (lane * DRAW_BITS)) & (DRAWS - 1)] & 0xFFFFL;
    }

    /** SplitMix64's finalizer. */
    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }

    /** Rounds to the nearest, ties to even. */
    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return (short) ((bits + 0x7FFF + ((bits >>> 16) & 1)) >>> 16);
    }
}
