package sightline.language.sample;

/**
 * Philox4x32-10: the same number for the same key and counter, with no state in between.
 */
// https://github.com/DEShawResearch/random123/blob/v1.14.0/include/Random123/philox.h
final class Philox {
    private static final int ROUNDS = 10;
    private static final int MULTIPLIER_0 = 0xD2511F53;
    private static final int MULTIPLIER_1 = 0xCD9E8D57;
    private static final int WEYL_0 = 0x9E3779B9;
    private static final int WEYL_1 = 0xBB67AE85;
    private static final double ULP_OF_ONE = 0x1p-53;

    private Philox() {}

    /** A uniform number in [0, 1), a multiple of 2^-53, for one draw. */
    static double uniform(long seed, int choice, int position, int draw) {
        var block = block(new int[]{choice, position, draw, 0}, (int) seed, (int) (seed >>> 32));
        var bits = Integer.toUnsignedLong(block[0]) << 32 | Integer.toUnsignedLong(block[1]);
        return (bits >>> 11) * ULP_OF_ONE;
    }

    /** The four words that the generator gives for a counter of four words and a key of two. */
    static int[] block(int[] counter, int key0, int key1) {
        int c0 = counter[0];
        int c1 = counter[1];
        int c2 = counter[2];
        int c3 = counter[3];
        for (int round = 0; round < ROUNDS; round++) {
            long product0 = Integer.toUnsignedLong(MULTIPLIER_0) * Integer.toUnsignedLong(c0);
            long product1 = Integer.toUnsignedLong(MULTIPLIER_1) * Integer.toUnsignedLong(c2);
            c0 = (int) (product1 >>> 32) ^ c1 ^ (key0 + round * WEYL_0);
            c1 = (int) product1;
            c2 = (int) (product0 >>> 32) ^ c3 ^ (key1 + round * WEYL_1);
            c3 = (int) product0;
        }
        return new int[]{c0, c1, c2, c3};
    }
}
