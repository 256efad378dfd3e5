package sightline.language.schedule;

import java.util.List;

/**
 * Gives the same new state and the same effects for the same state, event and time.
 *
 * <p>Tenants take turns, the one first that has been served least; a tenant's requests are served in order of arrival,
 * priority counting as time, within free KV blocks and a bound on running sequences. A step decodes every sequence that has credit, and beside them reads a few prompt tiles. Where several steps
 * may be under way, one for each stage of a model, they share the sequences among them; steps end in the order in which
 * they began. Blocks are given as an answer grows; where none is left, the last sequence served, of the tenant served most, gives all of its own
 * back and reads again later, never the oldest one, nor one that is part of a step under way. Whole prompt blocks are kept as
 * long as nobody needs their room. A sequence that is withdrawn, late or without credit for too long is gone before the
 * next step begins. A suspect of a crash gets its turn after the one before it, and is alone in its steps until its
 * first token, three in a row at most where others run: nothing of others is under way beside it.
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

    /** Whether the sequence has read all that there is of its prompt, and waits for the projected tokens of an image. */
    public boolean lacksRows(SchedulerState state, SequenceId id) {
        return !state.pulse().ahead().containsKey(id) && state.running()
                .stream()
                .anyMatch(sequence -> sequence.id().equals(id) && sequence.lacksRows(limits.tileRows()));
    }

    public Transition transition(SchedulerState state, Event event, long nowNanos) {
        var draft = new Draft(limits, state, nowNanos);
        draft.apply(event);
        draft.expire();
        draft.offerTurn();
        draft.admit();
        draft.refuseOverflow();
        draft.beat(event instanceof Event.StepDue);
        return draft.transition();
    }
}
