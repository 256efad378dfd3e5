package sightline.language.schedule;

import java.time.Duration;

/**
 * The bounds within which the scheduler works.
 *
 * @param running sequences that hold KV blocks at a time
 * @param waiting requests that may wait for a place
 * @param tileRows prompt positions of a tile
 * @param tilesPerStep prompt tiles of a step, at most
 * @param creditTimeout how long a sequence may be parked
 * @param retryAfter what a refused request is told
 */
public record Limits(int running, int waiting, int tileRows, int tilesPerStep, Duration creditTimeout,
        Duration retryAfter) {
    public Limits {
        requireAtLeast("running", running, 1);
        requireAtLeast("waiting", waiting, 0);
        requireAtLeast("tileRows", tileRows, 1);
        requireAtLeast("tilesPerStep", tilesPerStep, 1);
    }

    /** Prompt positions of a step, at most. */
    int rowsPerStep() {
        return tileRows * tilesPerStep;
    }

    private static void requireAtLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= " + least + ")");
        }
    }
}
