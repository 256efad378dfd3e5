package sightline.language.schedule;

import java.time.Duration;

/**
 * The bounds within which the scheduler works.
 *
 * @param running sequences that hold KV blocks at a time
 * @param waiting requests that may wait for a place
 * @param tileRows prompt positions of a tile
 * @param tilesPerStep prompt tiles of a step while nobody decodes, at most
 * @param tilesBesideDecode prompt tiles of a step while others decode, in it or in one under way, at most
 * @param replayRows generated tokens of one sequence that are read again in a step, at most
 * @param priorityStep what one step of priority is worth, in time of arrival
 * @param creditTimeout how long a sequence may be without credit
 * @param retryAfter what a refused request is told
 * @param stepsUnderWay steps that may have begun and not ended, at most
 */
public record Limits(int running, int waiting, int tileRows, int tilesPerStep, int tilesBesideDecode, int replayRows,
        Duration priorityStep, Duration creditTimeout, Duration retryAfter, int stepsUnderWay) {
    public Limits {
        requireAtLeast("running", running, 1);
        requireAtLeast("waiting", waiting, 0);
        requireAtLeast("tileRows", tileRows, 1);
        requireAtLeast("tilesPerStep", tilesPerStep, 1);
        requireAtLeast("tilesBesideDecode", tilesBesideDecode, 1);
        requireAtLeast("replayRows", replayRows, 1);
        requireAtLeast("stepsUnderWay", stepsUnderWay, 1);
    }

    /** With one step under way at a time. */
    public Limits(int running, int waiting, int tileRows, int tilesPerStep, int tilesBesideDecode, int replayRows,
            Duration priorityStep, Duration creditTimeout, Duration retryAfter) {
        this(running, waiting, tileRows, tilesPerStep, tilesBesideDecode, replayRows, priorityStep, creditTimeout,
                retryAfter, 1);
    }

    /** With so many steps under way at a time. */
    public Limits withStepsUnderWay(int steps) {
        return new Limits(running, waiting, tileRows, tilesPerStep, tilesBesideDecode, replayRows, priorityStep,
                creditTimeout, retryAfter, steps);
    }

    /** Generated tokens of a sequence that is alone which are read again in a step: as many as all others' together. */
    int rowsAlone() {
        return Math.max(replayRows, running);
    }

    /** Whether one request is served before another: by time of arrival, priority counting as time. */
    boolean goesBefore(Demand one, Demand other) {
        long earlierNanos = other.arrivedNanos() - one.arrivedNanos();
        long preferredNanos = ((long) one.priority() - other.priority()) * priorityStep.toNanos();
        long advance = earlierNanos + preferredNanos;
        return advance == 0 ? one.id().value() < other.id().value() : advance > 0;
    }

    private static void requireAtLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
