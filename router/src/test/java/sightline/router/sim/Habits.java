package sightline.router.sim;

import java.util.OptionalLong;

/**
 * How a client behaves.
 *
 * @param paceNanos between two responses that it reads
 * @param pauseBefore the response before which it stops reading for {@code pauseNanos}
 * @param goneNanos when it vanishes, from its begin, if it does
 * @param allowedNanos its deadline, from its begin
 */
record Habits(long paceNanos, int pauseBefore, long pauseNanos, OptionalLong goneNanos, long allowedNanos) {
    static final long LONG_NANOS = VirtualTime.millis(120_000);

    static Habits drawn(Chance chance) {
        long pace = chance.percent(20) ? chance.millis(50, 400) : chance.millis(0, 3);
        long pause = chance.percent(4)
                ? chance.millis(31_000, 36_000)
                : chance.percent(15) ? chance.millis(500, 8_000) : 0;
        var gone = chance.percent(8) ? OptionalLong.of(chance.millis(1, 6_000)) : OptionalLong.empty();
        return new Habits(pace, chance.between(1, 12), pause, gone,
                chance.percent(4) ? chance.millis(200, 6_000) : LONG_NANOS);
    }

    /** Whether nothing that it does itself keeps it from a whole answer. */
    boolean isGood() {
        return goneNanos.isEmpty() && allowedNanos == LONG_NANOS && pauseNanos < VirtualTime.millis(30_000);
    }
}
