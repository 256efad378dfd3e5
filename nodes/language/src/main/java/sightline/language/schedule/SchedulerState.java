package sightline.language.schedule;

import java.util.List;

/**
 * All that the scheduler remembers between two events. Immutable.
 *
 * @param waiting in the order in which they are served
 * @param running in the order in which they are served; all of them hold KV blocks
 * @param counts of what has happened so far
 */
public record SchedulerState(List<Sequence> waiting, List<Sequence> running, KvLedger kv, Pulse pulse, Counts counts) {
    public SchedulerState {
        waiting = List.copyOf(waiting);
        running = List.copyOf(running);
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
        return new SchedulerState(List.of(), List.of(), kv, Pulse.atRest(), Counts.NONE);
    }

    public int sequencesRunning() {
        return running.size();
    }

    public int sequencesWaiting() {
        return waiting.size();
    }
}
