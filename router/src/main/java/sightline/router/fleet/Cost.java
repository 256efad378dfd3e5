package sightline.router.fleet;

import java.time.Duration;

/**
 * What one unit of work takes on one node, learned from what it took before: a pure value.
 *
 * @param seconds of one unit
 * @param learnedNanos when it was observed last
 */
record Cost(double seconds, long learnedNanos) {
    /** Of what is known, how much one observation replaces. */
    private static final double SHARE = 0.3;

    /** An observation changes what is known by this factor at most: a node that stood still for once is not slow. */
    private static final double MOST_CHANGE = 4;

    private static final double LEAST_SECONDS = 1e-9;
    private static final double HALF_LIFE_NANOS = Duration.ofMinutes(1).toNanos();

    static Cost observed(double seconds, long nowNanos) {
        return new Cost(Math.max(LEAST_SECONDS, seconds), nowNanos);
    }

    Cost learn(double observedSeconds, long nowNanos) {
        double bounded = Math.clamp(observedSeconds, seconds / MOST_CHANGE, seconds * MOST_CHANGE);
        return observed(seconds + SHARE * (bounded - seconds), nowNanos);
    }

    /** What to expect: what was learned, the less the older it is, so that a node which has recovered is tried again. */
    double expected(double unknown, long nowNanos) {
        double weight = Math.pow(0.5, (nowNanos - learnedNanos) / HALF_LIFE_NANOS);
        return Math.pow(seconds, weight) * Math.pow(unknown, 1 - weight);
    }
}
