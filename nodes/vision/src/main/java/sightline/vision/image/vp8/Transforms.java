package sightline.vision.image.vp8;

/** The inverse transforms (RFC 6386, section 14) in libwebp's integer arithmetic. */
final class Transforms {
    private Transforms() {}

    /**
     * Puts the inverse Walsh-Hadamard transform of the averages into the first coefficient of each luma block.
     *
     * @param averages [16]
     * @param coefficients [at least 16 blocks, 16]
     */
    static void spreadAverages(short[] averages, short[] coefficients) {
        int[] half = new int[16];
        for (int i = 0; i < 4; i++) {
            int a0 = averages[i] + averages[12 + i];
            int a1 = averages[4 + i] + averages[8 + i];
            int a2 = averages[4 + i] - averages[8 + i];
            int a3 = averages[i] - averages[12 + i];
            half[i] = a0 + a1;
            half[8 + i] = a0 - a1;
            half[4 + i] = a3 + a2;
            half[12 + i] = a3 - a2;
        }
        for (int i = 0; i < 4; i++) {
            int dc = half[4 * i] + 3;
            int a0 = dc + half[4 * i + 3];
            int a1 = half[4 * i + 1] + half[4 * i + 2];
            int a2 = half[4 * i + 1] - half[4 * i + 2];
            int a3 = dc - half[4 * i + 3];
            coefficients[64 * i] = (short) ((a0 + a1) >> 3);
            coefficients[64 * i + 16] = (short) ((a3 + a2) >> 3);
            coefficients[64 * i + 32] = (short) ((a0 - a1) >> 3);
            coefficients[64 * i + 48] = (short) ((a3 - a2) >> 3);
        }
    }

    /** Adds the inverse cosine transform of a block of 16 coefficients to a 4x4 block of the plane. */
    static void add(short[] coefficients, int block, Plane plane, int at) {
        if (isZero(coefficients, block)) {
            return;
        }
        int[] half = new int[16];
        for (int i = 0; i < 4; i++) {
            int in0 = coefficients[block + i];
            int in4 = coefficients[block + 4 + i];
            int in8 = coefficients[block + 8 + i];
            int in12 = coefficients[block + 12 + i];
            int c = timesSine(in4) - timesCosine(in12);
            int d = timesCosine(in4) + timesSine(in12);
            half[4 * i] = in0 + in8 + d;
            half[4 * i + 1] = in0 - in8 + c;
            half[4 * i + 2] = in0 - in8 - c;
            half[4 * i + 3] = in0 + in8 - d;
        }
        for (int i = 0; i < 4; i++) {
            int dc = half[i] + 4;
            int c = timesSine(half[4 + i]) - timesCosine(half[12 + i]);
            int d = timesCosine(half[4 + i]) + timesSine(half[12 + i]);
            int row = at + i * plane.stride();
            plane.add(row, (dc + half[8 + i] + d) >> 3);
            plane.add(row + 1, (dc - half[8 + i] + c) >> 3);
            plane.add(row + 2, (dc - half[8 + i] - c) >> 3);
            plane.add(row + 3, (dc + half[8 + i] - d) >> 3);
        }
    }

    private static boolean isZero(short[] coefficients, int block) {
        for (int i = 0; i < 16; i++) {
            if (coefficients[block + i] != 0) {
                return false;
            }
        }
        return true;
    }

    /** Times the square root of 2 and the cosine of pi / 8, in 16 fraction bits. */
    private static int timesCosine(int value) {
        return ((value * 20091) >> 16) + value;
    }

    /** Times the square root of 2 and the sine of pi / 8, in 16 fraction bits. */
    private static int timesSine(int value) {
        return (value * 35468) >> 16;
    }
}
