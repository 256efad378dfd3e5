package sightline.language.schedule;

import java.util.List;

/**
 * Gives the same new state and the same effects for the same state, event and time.
 *
 * <p>Requests are admitted in order of arrival, by free KV blocks and a bound on running sequences. A step is either a
 * prefill of one prompt or a decode of all sequences that have credit; where both wait, they take turns. A sequence
 * that is withdrawn, late or without credit for too long is gone before the next step begins.
 */
public final class Scheduler {
    private final Limits limits;

    public Scheduler(Limits limits) {
        this.limits = limits;
    }

    /** A new state, and what to do, in order. */
    public record Transition(SchedulerState state, List<Effect> effects) {
        public Transition {
            effects = List.copyOf(effects);
        }
    }

    public Transition transition(SchedulerState state, Event event, long nowNanos) {
        var draft = new Draft(limits, state, nowNanos);
        draft.apply(event);
        draft.expire();
        draft.admit();
        draft.refuseOverflow();
        draft.beat(event instanceof Event.StepDue);
        return draft.transition();
    }
}
