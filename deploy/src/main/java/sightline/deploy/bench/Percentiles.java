package sightline.deploy.bench;

import java.util.Arrays;
import java.util.stream.DoubleStream;

/** Values in rising order, for quantiles by nearest rank. */
final class Percentiles {
    private final double[] sorted;

    private Percentiles(double[] sorted) {
        this.sorted = sorted;
    }

    static Percentiles of(DoubleStream values) {
        return new Percentiles(values.sorted().toArray());
    }

    /** The smallest value that at least this share of all values does not exceed; NaN without values. */
    double at(double share) {
        if (sorted.length == 0)
            return Double.NaN;
        return sorted[Math.clamp((long) Math.ceil(share * sorted.length) - 1, 0, sorted.length - 1)];
    }

    double mean() {
        return Arrays.stream(sorted).average().orElse(Double.NaN);
    }
}
