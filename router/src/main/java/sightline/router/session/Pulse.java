package sightline.router.session;

import java.time.Duration;

/** When a replica was last heard of, and when it last made a step. */
record Pulse(long heardNanos, long steps, long stepNanos, long beatNanos) {

    static Pulse starting(long nowNanos) {
        return new Pulse(nowNanos, 0, nowNanos, nowNanos);
    }

    /** Something came that is progress by itself. */
    Pulse progress(long nowNanos) {
        return new Pulse(nowNanos, steps, nowNanos, beatNanos);
    }

    /** A heartbeat came; it is progress only when the step counter has moved. */
    Pulse beat(long stepsNow, long nowNanos) {
        return new Pulse(nowNanos, stepsNow, stepsNow == steps ? stepNanos : nowNanos, beatNanos);
    }

    Pulse beaten(long nowNanos) {
        return new Pulse(heardNanos, steps, stepNanos, nowNanos);
    }

    boolean isSilent(long nowNanos, Duration limit) {
        return nowNanos - heardNanos >= limit.toNanos();
    }

    boolean isStalled(long nowNanos, Duration limit) {
        return nowNanos - stepNanos >= limit.toNanos();
    }

    /** Whether it is time to tell the replica that this side lives. */
    boolean isToBeat(long nowNanos, Duration interval) {
        return nowNanos - beatNanos >= interval.toNanos();
    }
}
