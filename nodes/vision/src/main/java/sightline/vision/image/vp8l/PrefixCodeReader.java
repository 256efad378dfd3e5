package sightline.vision.image.vp8l;

import java.util.Arrays;
import sightline.image.UnreadableImage;

/** Reads the descriptions of prefix codes. */
final class PrefixCodeReader {
    private static final int[] LENGTH_ORDER = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    private static final int REPEAT_PREVIOUS = 16;
    private static final int REPEAT_ZERO = 17;
    private static final int FIRST_PREVIOUS = 8;

    private PrefixCodeReader() {}

    /** @param alphabet how many symbols there are */
    static PrefixCode read(BitReader reader, int alphabet) throws UnreadableImage {
        int[] lengths = reader.flag() ? simple(reader, alphabet) : coded(reader, alphabet);
        reader.requireNotExhausted();
        return PrefixCode.of(lengths);
    }

    private static int[] simple(BitReader reader, int alphabet) throws UnreadableImage {
        int[] lengths = new int[Math.max(256, alphabet)];
        boolean two = reader.flag();
        lengths[reader.number(reader.flag() ? 8 : 1)] = 1;
        if (two) {
            lengths[reader.number(8)] = 1;
        }
        return Arrays.copyOf(lengths, alphabet);
    }

    private static int[] coded(BitReader reader, int alphabet) throws UnreadableImage {
        int[] lengthLengths = new int[LENGTH_ORDER.length];
        int count = 4 + reader.number(4);
        for (int i = 0; i < count; i++) {
            lengthLengths[LENGTH_ORDER[i]] = reader.number(3);
        }
        PrefixCode lengthCode = PrefixCode.of(lengthLengths);
        int symbolsLeft = alphabet;
        if (reader.flag()) {
            symbolsLeft = 2 + reader.number(2 + 2 * reader.number(3));
        }
        if (symbolsLeft > alphabet) {
            throw BitReader.damaged();
        }
        return lengths(reader, lengthCode, symbolsLeft, alphabet);
    }

    private static int[] lengths(BitReader reader, PrefixCode code, int most, int alphabet) throws UnreadableImage {
        int[] lengths = new int[alphabet];
        int previous = FIRST_PREVIOUS;
        int symbol = 0;
        for (int i = 0; i < most && symbol < alphabet; i++) {
            int length = code.read(reader);
            if (length < REPEAT_PREVIOUS) {
                lengths[symbol++] = length;
                previous = length == 0 ? previous : length;
                continue;
            }
            int repeated = length == REPEAT_PREVIOUS ? previous : 0;
            int times = length == REPEAT_PREVIOUS
                    ? 3 + reader.number(2)
                    : length == REPEAT_ZERO ? 3 + reader.number(3) : 11 + reader.number(7);
            if (symbol + times > alphabet) {
                throw BitReader.damaged();
            }
            Arrays.fill(lengths, symbol, symbol + times, repeated);
            symbol += times;
        }
        return lengths;
    }
}
