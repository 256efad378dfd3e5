package sightline.language;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import sightline.wire.ElementType;

/** Looks for NaN and infinity in tensors as they come over the wire. */
final class FiniteNumbers {
    private static final int FLOAT32_EXPONENT = 0x7f800000;
    private static final int BFLOAT16_EXPONENT = 0x7f80;

    private FiniteNumbers() {}

    /** Whether the little-endian bytes hold finite numbers alone: an exponent of all ones means NaN or infinity. */
    static boolean only(ByteBuffer bytes, ElementType type) {
        var numbers = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        boolean finite = true;
        while (finite && numbers.hasRemaining()) {
            finite = switch (type) {
                case FLOAT32 -> (numbers.getInt() & FLOAT32_EXPONENT) != FLOAT32_EXPONENT;
                case BFLOAT16 -> (numbers.getShort() & BFLOAT16_EXPONENT) != BFLOAT16_EXPONENT;
            };
        }
        return finite;
    }
}
