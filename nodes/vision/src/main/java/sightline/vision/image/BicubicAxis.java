package sightline.vision.image;

import java.util.Arrays;

/**
 * The weights by which a run of output positions along one axis is mixed from input positions: PIL's bicubic filter with
 * antialiasing, in its fixed-point form.
 *
 * <p>Follows precompute_coeffs and normalize_coeffs_8bpc of Pillow 13.0.0
 * (https://github.com/python-pillow/Pillow/blob/13.0.0/src/libImaging/Resample.c) and differs in two ways: only the positions asked for are computed, and the axis may have constant padding on both
 * sides of the data. Since integer sums do not depend on their order, the weights that fall on padding are added up in
 * advance; results are those of an image that really holds the padding.
 */
final class BicubicAxis {
    /** Fraction bits of a weight. */
    static final int PRECISION_BITS = 32 - 8 - 2;
    private static final double SUPPORT = 2.0;
    private static final double A = -0.5;

    private final Extent extent;
    private final int[] firstInput;
    private final int[] weightStart;
    private final int[] paddingWeight;
    private final int[] weights;

    /**
     * One axis of a picture and what becomes of it.
     *
     * @param data positions that hold data
     * @param padding constant positions before the data
     * @param padded length with all padding
     * @param resized length of the whole output
     */
    record Extent(int data, int padding, int padded, int resized) {
        Extent {
            if (data < 1 || padding < 0 || padded - padding < data || resized < 1) {
                throw new IllegalArgumentException("extent: " + data + " after " + padding + " of " + padded + " to "
                        + resized + " (expected: data within the padded length, a result of at least 1)");
            }
        }

        double scale() {
            return (double) padded / resized;
        }

        /** How far the filter reaches on either side of an output position's centre. */
        double support() {
            return SUPPORT * Math.max(1.0, scale());
        }

        private int mostTaps() {
            return (int) Math.ceil(support()) * 2 + 1;
        }
    }

    /**
     * Computes the weights of some positions.
     *
     * @param from first output position wanted
     * @param count of output positions wanted
     */
    BicubicAxis(Extent extent, int from, int count) {
        if (count < 1 || from < 0 || from > extent.resized() - count) {
            throw new IllegalArgumentException(
                    "positions: " + count + " from " + from + " (expected: within " + extent.resized() + ")");
        }
        this.extent = extent;
        firstInput = new int[count];
        paddingWeight = new int[count];
        weightStart = new int[count + 1];
        int[] room = new int[Math.multiplyExact(count, Math.min(extent.data(), extent.mostTaps()))];
        double[] window = new double[extent.mostTaps()];
        for (int i = 0; i < count; i++) {
            place(i, (from + i + 0.5) * extent.scale(), window, room);
        }
        weights = Arrays.copyOf(room, weightStart[count]);
    }

    private void place(int i, double centre, double[] window, int[] to) {
        int first = Math.max(0, (int) (centre - extent.support() + 0.5));
        int length = Math.min(extent.padded(), (int) (centre + extent.support() + 0.5)) - first;
        fill(window, length, first, centre, extent.support() / SUPPORT);
        firstInput[i] = Math.clamp(first - (long) extent.padding(), 0, extent.data());
        int used = weightStart[i];
        for (int t = 0; t < length; t++) {
            int input = first + t - extent.padding();
            if (input >= 0 && input < extent.data()) {
                to[used++] = fixed(window[t]);
            } else {
                paddingWeight[i] += fixed(window[t]);
            }
        }
        weightStart[i + 1] = used;
    }

    private static void fill(double[] window, int length, int first, double centre, double filterScale) {
        double inverse = 1.0 / filterScale;
        double sum = 0.0;
        for (int t = 0; t < length; t++) {
            window[t] = filter((t + first - centre + 0.5) * inverse); // in PIL's order, for the last bit
            sum += window[t];
        }
        for (int t = 0; sum != 0.0 && t < length; t++) {
            window[t] /= sum;
        }
    }

    private static double filter(double signed) {
        double x = Math.abs(signed);
        if (x < 1.0) {
            return ((A + 2.0) * x - (A + 3.0)) * x * x + 1;
        }
        return x < 2.0 ? (((x - 5) * x + 8) * x - 4) * A : 0.0;
    }

    private static int fixed(double weight) {
        double scaled = weight * (1 << PRECISION_BITS);
        return (int) (weight < 0 ? -0.5 + scaled : 0.5 + scaled);
    }

    Extent extent() {
        return extent;
    }

    /** How many output positions there are. */
    int count() {
        return firstInput.length;
    }

    /** The first data position that output i reads. */
    int firstInput(int i) {
        return firstInput[i];
    }

    /** Where the weights of output i begin in {@link #weights}; those of the next one follow. */
    int weightStart(int i) {
        return weightStart[i];
    }

    /** How many data positions output i reads. */
    int taps(int i) {
        return weightStart[i + 1] - weightStart[i];
    }

    int[] weights() {
        return weights;
    }

    /** The sum of the weights of output i that fall on padding. */
    int paddingWeight(int i) {
        return paddingWeight[i];
    }

    /** The smallest data position that any output reads. */
    int begin() {
        return firstInput[0];
    }

    /** One past the largest data position that any output reads. */
    int end() {
        int last = count() - 1;
        return firstInput[last] + taps(last);
    }
}
