package sightline.router.fleet;

import java.time.Duration;

/** How long this side did not look: what it slept through is not held against those whom it did not hear. */
public final class Nap {
    /** A side that looks four times a second and did not for so long has not listened either. */
    private static final long SHORTEST_NANOS = Duration.ofSeconds(1).toNanos();

    private Nap() {}

    /** Time since it looked last where that is a nap, else 0. */
    public static long nanos(long lookedNanos, long nowNanos) {
        return nowNanos - lookedNanos < SHORTEST_NANOS ? 0 : nowNanos - lookedNanos;
    }
}
