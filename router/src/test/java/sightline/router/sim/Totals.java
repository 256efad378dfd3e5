package sightline.router.sim;

import java.util.EnumMap;
import java.util.Map;

/** What has happened, counted. */
final class Totals {
    /** Things that are counted. */
    enum Of {
        REQUESTS, ANSWERED, TOKENS, FAILOVERS, FENCED_TOKENS, RESUMES, RETRIES, CRASHES, FREEZES, CUTS, RESETS, DRAINS, MOODS, GONE_CLIENTS, SLOW_CLIENTS, DEADLINES, POISONED, BLAMED_BY_MISTAKE, POISON_CRASHES, RELAYS, LATE_TICKETS, EARLY_TILES, EVENTS
    }

    private final Map<Of, Long> counts = new EnumMap<>(Of.class);

    void add(Of what, long more) {
        counts.merge(what, more, Long::sum);
    }

    void one(Of what) {
        add(what, 1);
    }

    void add(Totals others) {
        others.counts.forEach(this::add);
    }

    long of(Of what) {
        return counts.getOrDefault(what, 0L);
    }

    /** Faults that were injected. */
    long faults() {
        return of(Of.CRASHES) + of(Of.FREEZES) + of(Of.CUTS) + of(Of.RESETS) + of(Of.DRAINS) + of(Of.MOODS);
    }

    @Override
    public String toString() {
        return counts.toString();
    }
}
