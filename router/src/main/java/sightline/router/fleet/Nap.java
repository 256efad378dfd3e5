package sightline.router.fleet;

import java.time.Duration;

/** How long this side did not look: what it slept through is not held against those whom it did not hear. */
public final class Nap {
    private static final long SHORTEST_NANOS = Duration.ofSeconds(1).toNanos();

    private Nap() {}

    /**
     * Time since it looked last where that is a nap, else 0.
     *
     * @param every how often it looks; one that did not for twice as long, and for a second, has not listened either
     */
    public static long nanos(long lookedNanos, long nowNanos, Duration every) {
        long shortest = Math.max(SHORTEST_NANOS, 2 * every.toNanos());
        return nowNanos - lookedNanos < shortest ? 0 : nowNanos - lookedNanos;
    }
}
