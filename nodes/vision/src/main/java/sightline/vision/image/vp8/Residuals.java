package sightline.vision.image.vp8;

import java.util.Arrays;

/**
 * The dequantized coefficients of the macroblocks, read one after the other in raster order (RFC 6386, section 13).
 *
 * <p>Which of 25 blocks above and to the left had coefficients is the context of the reading and is kept here.
 */
final class Residuals {
    private static final int LUMA_AFTER_AVERAGES = 0;
    private static final int AVERAGES = 1;
    private static final int CHROMA = 2;
    private static final int LUMA = 3;
    /** Context slots of a macroblock's edge: four luma blocks, two of each chroma plane, the averages. */
    private static final int SLOTS = 9;
    private static final int AVERAGES_SLOT = 8;

    private final int[] probabilities;
    private final boolean[] above;
    private final boolean[] left = new boolean[SLOTS];
    private final short[] coefficients = new short[24 * 16];
    private final short[] averages = new short[16];
    private boolean any;

    Residuals(int[] probabilities, int macroblockColumns) {
        this.probabilities = probabilities;
        this.above = new boolean[SLOTS * macroblockColumns];
    }

    void beginRow() {
        Arrays.fill(left, false);
    }

    /** [24 blocks, 16] of the macroblock read last: 16 of luma, 4 of each chroma plane. */
    short[] coefficients() {
        return coefficients;
    }

    /** Takes note of a macroblock without coefficients. */
    void skip(int column, boolean split) {
        int slots = split ? AVERAGES_SLOT : SLOTS;
        Arrays.fill(above, SLOTS * column, SLOTS * column + slots, false);
        Arrays.fill(left, 0, slots, false);
    }

    /** Reads a macroblock and returns whether it has any coefficient. */
    boolean read(BoolReader reader, FrameHeader.Quantizer steps, int column, boolean split) {
        Arrays.fill(coefficients, (short) 0);
        any = false;
        int up = SLOTS * column;
        if (!split) {
            readAverages(reader, steps, up);
        }
        int type = split ? LUMA : LUMA_AFTER_AVERAGES;
        readPlane(reader, type, steps.lumaDc(), steps.lumaAc(), 0, 4, up, 0);
        readPlane(reader, CHROMA, steps.chromaDc(), steps.chromaAc(), 16, 2, up, 4);
        readPlane(reader, CHROMA, steps.chromaDc(), steps.chromaAc(), 20, 2, up, 6);
        return any;
    }

    private void readAverages(BoolReader reader, FrameHeader.Quantizer steps, int up) {
        Arrays.fill(averages, (short) 0);
        int context = (above[up + AVERAGES_SLOT] ? 1 : 0) + (left[AVERAGES_SLOT] ? 1 : 0);
        int end = readBlock(reader, AVERAGES, context, steps.averageDc(), steps.averageAc(), 0, averages, 0);
        above[up + AVERAGES_SLOT] = left[AVERAGES_SLOT] = end > 0;
        Transforms.spreadAverages(averages, coefficients);
    }

    private void readPlane(BoolReader reader, int type, int dcStep, int acStep, int firstBlock, int size, int up,
            int slot) {
        int first = type == LUMA_AFTER_AVERAGES ? 1 : 0;
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                int block = 16 * (firstBlock + size * y + x);
                int context = (above[up + slot + x] ? 1 : 0) + (left[slot + y] ? 1 : 0);
                int end = readBlock(reader, type, context, dcStep, acStep, first, coefficients, block);
                above[up + slot + x] = left[slot + y] = end > first;
                any |= end > 1 || coefficients[block] != 0;
            }
        }
    }

    /** Returns one past the position of the last coefficient coded. */
    private int readBlock(BoolReader reader, int type, int context, int dcStep, int acStep, int first, short[] to,
            int offset) {
        int n = first;
        int p = probabilitiesOf(type, n, context);
        while (n < 16) {
            if (reader.bit(probabilities[p]) == 0) {
                return n;
            }
            while (reader.bit(probabilities[p + 1]) == 0) {
                if (++n == 16) {
                    return 16;
                }
                p = probabilitiesOf(type, n, 0);
            }
            int value = 1;
            int nextContext = 1;
            if (reader.bit(probabilities[p + 2]) == 1) {
                value = largeValue(reader, p);
                nextContext = 2;
            }
            int signed = reader.flag() ? -value : value;
            // Stored in 16 bits, as libwebp does it: damaged files overflow the same way.
            to[offset + Tables.ZIGZAG[n]] = (short) (signed * (n > 0 ? acStep : dcStep));
            p = probabilitiesOf(type, ++n, nextContext);
        }
        return 16;
    }

    private int largeValue(BoolReader reader, int p) {
        if (reader.bit(probabilities[p + 3]) == 0) {
            return reader.bit(probabilities[p + 4]) == 0 ? 2 : 3 + reader.bit(probabilities[p + 5]);
        }
        if (reader.bit(probabilities[p + 6]) == 0) {
            if (reader.bit(probabilities[p + 7]) == 0) {
                return 5 + reader.bit(159);
            }
            int twos = reader.bit(165);
            return 7 + 2 * twos + reader.bit(145);
        }
        int high = reader.bit(probabilities[p + 8]);
        int category = 2 * high + reader.bit(probabilities[p + 9 + high]);
        int extra = 0;
        for (int probability : Tables.EXTRA_BITS[category]) {
            extra = 2 * extra + reader.bit(probability);
        }
        return 3 + (8 << category) + extra;
    }

    private static int probabilitiesOf(int type, int position, int context) {
        return Tables.PROBABILITIES * (context + Tables.CONTEXTS * (Tables.BAND[position] + Tables.BANDS * type));
    }
}
