package sightline.language.schedule;

import java.util.List;
import java.util.Map;

/**
 * All that the scheduler remembers between two events. Immutable.
 *
 * @param waiting in the order in which they are served, were they all one tenant's
 * @param running in the order in which they are served; all of them hold KV blocks
 * @param served work that was done for each tenant, as {@link TenantDraft} counts it
 * @param counts of what has happened so far
 */
public record SchedulerState(List<Sequence> waiting, List<Sequence> running, KvLedger kv, Pulse pulse,
        Map<String, Long> served, Counts counts) {
    public SchedulerState {
        waiting = List.copyOf(waiting);
        running = List.copyOf(running);
        served = Map.copyOf(served);
    }

    /**
     * Totals since the start.
     *
     * @param late results that came for a sequence that was gone
     * @param preemptions sequences that gave their blocks back before their end
     * @param hitTokens prompt positions that needed not be read
     * @param steps that were begun
     */
    public record Counts(long late, long preemptions, long hitTokens, long steps) {
        static final Counts NONE = new Counts(0, 0, 0, 0);

        Counts oneLate() {
            return new Counts(late + 1, preemptions, hitTokens, steps);
        }

        Counts onePreempted() {
            return new Counts(late, preemptions + 1, hitTokens, steps);
        }

        Counts hit(int tokens) {
            return new Counts(late, preemptions, hitTokens + tokens, steps);
        }

        Counts oneStep() {
            return new Counts(late, preemptions, hitTokens, steps + 1);
        }
    }

    public static SchedulerState idle(KvLedger kv) {
        return new SchedulerState(List.of(), List.of(), kv, Pulse.atRest(), Map.of(), Counts.NONE);
    }

    public int sequencesRunning() {
        return running.size();
    }

    public int sequencesWaiting() {
        return waiting.size();
    }
}
