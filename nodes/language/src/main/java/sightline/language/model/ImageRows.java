package sightline.language.model;

import java.nio.ByteBuffer;
import sightline.wire.ElementType;

/**
 * One image's projected tokens, and where in the prompt they stand.
 *
 * @param offset position of the first row
 * @param count rows
 * @param bytes [count, hidden] of {@code type}, little-endian, on the heap
 */
public record ImageRows(int offset, int count, ElementType type, ByteBuffer bytes) {
    public ImageRows {
        if (offset < 0 || count < 1) {
            throw new IllegalArgumentException("rows: " + count + " at " + offset + " (expected: >= 1, at >= 0)");
        }
    }

    /** Position after the last row. */
    int end() {
        return offset + count;
    }
}
