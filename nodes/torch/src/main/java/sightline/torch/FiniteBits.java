package sightline.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.LongStream;

/**
 * Looks for NaN and infinity in stored numbers by their exponent bits, eight bytes at a time and exactly; on all cores,
 * since for numbers that are looked at first when they are read from a file this is what reads them.
 */
final class FiniteBits {
    private static final long PART_BYTES = 8L << 20;

    private FiniteBits() {}

    /**
     * Whether every number is finite.
     *
     * @param bytes numbers of that type, nothing else; to be read by any thread
     */
    static boolean allFinite(MemorySegment bytes, DType dtype) {
        return LongStream.range(0, Math.ceilDiv(bytes.byteSize(), PART_BYTES))
                .map(part -> part * PART_BYTES)
                .mapToObj(from -> bytes.asSlice(from, Math.min(PART_BYTES, bytes.byteSize() - from)))
                .parallel()
                .allMatch(part -> isFinite(part, dtype));
    }

    private static boolean isFinite(MemorySegment bytes, DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> isFinite(bytes, 0x7f80_0000_7f80_0000L, 0x0080_0000_0080_0000L, 0x8000_0000_8000_0000L);
            case BFLOAT16 -> isFinite(bytes, 0x7f80_7f80_7f80_7f80L, 0x0080_0080_0080_0080L, 0x8000_8000_8000_8000L);
            case FLOAT16 -> isFinite(bytes, 0x7c00_7c00_7c00_7c00L, 0x0400_0400_0400_0400L, 0x8000_8000_8000_8000L);
            case INT64 -> true;
        };
    }

    /** A full exponent, and no other, carries into the sign's place when its lowest bit is added once more. */
    private static boolean isFinite(MemorySegment bytes, long exponents, long lowestBits, long signs) {
        long words = bytes.byteSize() / Long.BYTES;
        long carries = 0;
        for (long i = 0; i < words; i++) {
            carries |= (bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, i * Long.BYTES) & exponents) + lowestBits;
        }
        return ((carries | (rest(bytes, words) & exponents) + lowestBits) & signs) == 0;
    }

    /** The bytes after the last whole word, as if zeros followed them. */
    private static long rest(MemorySegment bytes, long words) {
        MemorySegment word = MemorySegment.ofArray(new long[1]);
        word.copyFrom(bytes.asSlice(words * Long.BYTES));
        return word.get(ValueLayout.JAVA_LONG, 0);
    }
}
