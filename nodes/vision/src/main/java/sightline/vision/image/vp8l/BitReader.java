package sightline.vision.image.vp8l;

import sightline.image.ImageFormat;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * Reads numbers whose lowest bit comes first.
 *
 * <p>Past the end come zeros; {@link #requireNotExhausted} refuses the file once such a bit was taken.
 */
final class BitReader {
    private final byte[] bytes;
    private final int end;
    private int at;
    private long bits;
    private int available;
    /** How many of the available bits lie past the end. */
    private int invented;
    private boolean exhausted;

    BitReader(PictureBytes bytes, int from, int length) {
        this.bytes = bytes.array();
        this.at = from;
        this.end = from + length;
    }

    boolean flag() {
        return number(1) == 1;
    }

    /** A number of at most 25 bits. */
    int number(int length) {
        int number = peek(length);
        skip(length);
        return number;
    }

    /** The next bits without taking them. */
    int peek(int length) {
        while (available < length) {
            load();
        }
        return (int) bits & ((1 << length) - 1);
    }

    /** Takes bits that were peeked at. */
    void skip(int length) {
        bits >>>= length;
        available -= length;
        exhausted |= available < invented;
    }

    private void load() {
        if (at < end) {
            bits |= (bytes[at++] & 0xffL) << available;
        } else {
            invented = Math.min(available, invented) + 8;
        }
        available += 8;
    }

    void requireNotExhausted() throws UnreadableImage {
        if (exhausted) {
            throw UnreadableImage.truncated();
        }
    }

    static UnreadableImage damaged() {
        return UnreadableImage.damaged(ImageFormat.WEBP, "damaged pixel data", "an undamaged file");
    }
}
