package sightline.router.sim;

/**
 * What is the matter with a node that runs.
 *
 * <p>Mutable: faults change it.
 */
final class Moods {
    /** One at a time. */
    enum Mood {
        WELL, OVERLOADED, DRAINING, STALLED, SLOW
    }

    private Mood mood = Mood.WELL;
    private long sinceNanos;

    Moods(long nowNanos) {
        sinceNanos = nowNanos;
    }

    void set(Mood next, long nowNanos) {
        mood = next;
        sinceNanos = nowNanos;
    }

    boolean is(Mood asked) {
        return mood == asked;
    }

    long sinceNanos() {
        return sinceNanos;
    }
}
