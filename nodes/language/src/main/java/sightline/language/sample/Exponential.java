package sightline.language.sample;

/**
 * e^x for x <= 0, the same bits on every machine, within two units in the last place.
 */
final class Exponential {
    /** Below it e^x is 0 here; a probability of e^-700 is never drawn. */
    private static final double LEAST = -700;

    private static final double LOG2_E = 1.4426950408889634;

    // ln 2 in two parts, so that k * LN2_HIGH is exact for every k that occurs: fdlibm, e_exp.c.
    private static final double LN2_HIGH = 0.6931471803691238;
    private static final double LN2_LOW = 1.9082149292705877e-10;

    // Adding and subtracting it rounds to a whole number, whose low bits then lie in the low bits of the sum.
    private static final double ROUNDER = 0x1.8p52;

    private Exponential() {}

    static double of(double x) {
        if (x < LEAST) {
            return 0;
        }
        double shifted = x * LOG2_E + ROUNDER;
        double k = shifted - ROUNDER;
        double r = (x - k * LN2_HIGH) - k * LN2_LOW;
        return series(r) * Double.longBitsToDouble((Double.doubleToRawLongBits(shifted) + 1023) << 52);
    }

    /** The series of e^r to r^13: |r| <= ln 2 / 2, where the next term is under 5e-18. */
    private static double series(double r) {
        double sum = 1.0 / 6227020800.0;
        sum = sum * r + 1.0 / 479001600.0;
        sum = sum * r + 1.0 / 39916800.0;
        sum = sum * r + 1.0 / 3628800.0;
        sum = sum * r + 1.0 / 362880.0;
        sum = sum * r + 1.0 / 40320.0;
        sum = sum * r + 1.0 / 5040.0;
        sum = sum * r + 1.0 / 720.0;
        sum = sum * r + 1.0 / 120.0;
        sum = sum * r + 1.0 / 24.0;
        sum = sum * r + 1.0 / 6.0;
        sum = sum * r + 0.5;
        sum = sum * r + 1.0;
        return sum * r + 1.0;
    }
}
