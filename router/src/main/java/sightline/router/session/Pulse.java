package sightline.router.session;

import java.time.Duration;
import sightline.router.fleet.Nap;

/**
 * When a replica was last heard of, and when it last made a step, by the time that this side was awake.
 *
 * @param tickNanos when this side last looked
 */
record Pulse(long heardNanos, long steps, long stepNanos, long beatNanos, long tickNanos) {
    static Pulse starting(long nowNanos) {
        return new Pulse(nowNanos, 0, nowNanos, nowNanos, nowNanos);
    }

    /** Something came that is progress by itself. */
    Pulse progress(long nowNanos) {
        return new Pulse(nowNanos, steps, nowNanos, beatNanos, tickNanos);
    }

    /** From now on a step is owed. */
    Pulse owing(long nowNanos) {
        return new Pulse(heardNanos, steps, nowNanos, beatNanos, tickNanos);
    }

    /** A heartbeat has come, maybe a while ago; it is progress only when the step counter has moved. */
    Pulse beat(long stepsNow, long cameNanos) {
        return new Pulse(later(heardNanos, cameNanos), stepsNow,
                stepsNow == steps ? stepNanos : later(stepNanos, cameNanos), beatNanos, tickNanos);
    }

    private static long later(long nanos, long otherNanos) {
        return otherNanos - nanos > 0 ? otherNanos : nanos;
    }

    private static long earlier(long nanos, long otherNanos) {
        return otherNanos - nanos < 0 ? otherNanos : nanos;
    }

    Pulse beaten(long nowNanos) {
        return new Pulse(heardNanos, steps, stepNanos, nowNanos, tickNanos);
    }

    /**
     * This side looks; what it has slept through since it last did is not held against the replica, nor does it count as
     * heard what is still to come.
     *
     * @param every how often this side looks
     */
    Pulse tick(long nowNanos, Duration every) {
        long slept = Nap.nanos(tickNanos, nowNanos, every);
        return new Pulse(earlier(heardNanos + slept, nowNanos), steps, earlier(stepNanos + slept, nowNanos), beatNanos,
                nowNanos);
    }

    boolean isSilent(long nowNanos, Duration limit) {
        return nowNanos - heardNanos >= limit.toNanos();
    }

    boolean isStalled(long nowNanos, Duration limit) {
        return nowNanos - stepNanos >= limit.toNanos();
    }

    /**
     * Whether it is time to tell the replica that this side lives: rather a little early than, where this side looks as
     * seldom as it beats, only at the next look.
     */
    boolean isToBeat(long nowNanos, Duration interval) {
        return nowNanos - beatNanos >= interval.toNanos() / 4 * 3;
    }
}
