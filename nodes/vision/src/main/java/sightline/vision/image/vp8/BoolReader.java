package sightline.vision.image.vp8;

/**
 * The arithmetic decoder of VP8 (RFC 6386, section 7) over one partition.
 *
 * <p>Past the end it reads zeros and remembers it: {@link #exhausted} tells, so that a caller checks once a row.
 */
final class BoolReader {
    private final byte[] bytes;
    private final int end;
    private int at;
    private int value;
    private int range = 254;
    private int bits = -8;
    private boolean exhausted;

    BoolReader(byte[] bytes, int from, int length) {
        this.bytes = bytes;
        this.at = from;
        this.end = from + length;
        load();
    }

    /** The next bit, which is 0 with this probability out of 256. */
    int bit(int probability) {
        if (bits < 0) {
            load();
        }
        int split = (range * probability) >> 8;
        int bit;
        int left;
        if (value >> bits > split) {
            left = range - split;
            value -= (split + 1) << bits;
            bit = 1;
        } else {
            left = split + 1;
            bit = 0;
        }
        int shift = Integer.numberOfLeadingZeros(left) - 24;
        range = (left << shift) - 1;
        bits -= shift;
        return bit;
    }

    boolean flag() {
        return bit(128) == 1;
    }

    /** An unsigned number of so many bits, highest first. */
    int number(int length) {
        int number = 0;
        for (int i = 0; i < length; i++) {
            number = (number << 1) | bit(128);
        }
        return number;
    }

    /** A number of so many bits with its sign behind it. */
    int signedNumber(int length) {
        int number = number(length);
        return flag() ? -number : number;
    }

    /** A signed number behind a flag that says whether it is there; else 0. */
    int optionalSignedNumber(int length) {
        return flag() ? signedNumber(length) : 0;
    }

    boolean exhausted() {
        return exhausted;
    }

    private void load() {
        if (at < end) {
            value = (value << 8) | (bytes[at++] & 0xff);
            bits += 8;
        } else if (!exhausted) {
            value <<= 8;
            bits += 8;
            exhausted = true;
        } else {
            bits = 0;
        }
    }
}
