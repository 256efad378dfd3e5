package sightline.language.schedule;

import java.util.List;

/**
 * All that the scheduler remembers between two events. Immutable.
 *
 * @param waiting in order of arrival
 * @param running in order of admission; all of them hold KV blocks
 * @param prefilledLast the latest step was a prefill, so that a decode goes first now
 * @param late results that came for a sequence that was gone
 */
public record SchedulerState(List<Sequence> waiting, List<Sequence> running, KvLedger kv, Pulse pulse,
        boolean prefilledLast, long late) {
    public SchedulerState {
        waiting = List.copyOf(waiting);
        running = List.copyOf(running);
    }

    public static SchedulerState idle(KvLedger kv) {
        return new SchedulerState(List.of(), List.of(), kv, new Pulse.AtRest(), false, 0);
    }

    public int sequencesRunning() {
        return running.size();
    }

    public int sequencesWaiting() {
        return waiting.size();
    }
}
