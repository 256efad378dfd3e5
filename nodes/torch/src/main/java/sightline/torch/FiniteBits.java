package sightline.torch;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Looks for NaN and infinity in stored numbers by their exponent bits, eight bytes at a time and exactly. */
final class FiniteBits {
    private FiniteBits() {}

    /**
     * Whether every number is finite.
     *
     * @param bytes numbers of that type, nothing else
     */
    static boolean allFinite(MemorySegment bytes, DType dtype) {
        return switch (dtype) {
            case FLOAT32 -> allFinite(bytes, 0x7f80_0000_7f80_0000L, 0x0080_0000_0080_0000L, 0x8000_0000_8000_0000L);
            case BFLOAT16 -> allFinite(bytes, 0x7f80_7f80_7f80_7f80L, 0x0080_0080_0080_0080L, 0x8000_8000_8000_8000L);
            case FLOAT16 -> allFinite(bytes, 0x7c00_7c00_7c00_7c00L, 0x0400_0400_0400_0400L, 0x8000_8000_8000_8000L);
            case INT64 -> true;
        };
    }

    /** A full exponent, and no other, carries into the sign's place when its lowest bit is added once more. */
    private static boolean allFinite(MemorySegment bytes, long exponents, long lowestBits, long signs) {
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
