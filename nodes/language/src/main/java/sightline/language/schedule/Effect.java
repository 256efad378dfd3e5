package sightline.language.schedule;

import java.util.List;
import sightline.wire.Failure;

/**
 * What the actor carries out, in the order given. What is done to KV blocks takes effect behind the steps that were started
 * before.
 */
public sealed interface Effect {
    /** Something is done to KV blocks. */
    sealed interface OfKv extends Effect {}

    /**
     * Make room for {@code blocks} KV blocks, fill the first ones from kept ones, then let the projected tokens come that
     * are needed behind those; a suspect's come already.
     *
     * @param recalled numbers of kept blocks
     */
    record Admit(SequenceId id, int blocks, List<Long> recalled) implements OfKv {
        public Admit {
            recalled = List.copyOf(recalled);
        }
    }

    /**
     * Fill the first blocks of a sequence from kept ones, as more of its prompt is known by now.
     *
     * @param recalled numbers of kept blocks
     * @param from position up to which it had all before
     */
    record Recall(SequenceId id, List<Long> recalled, int from) implements OfKv {
        public Recall {
            recalled = List.copyOf(recalled);
        }
    }

    /** Ask whether the suspect takes its turn, and feed {@link Event.TurnTaken} when it does. */
    record OfferTurn(SequenceId id) implements Effect {}

    /** Make room for {@code blocks} KV blocks in all, keeping what the sequence has. */
    record Grow(SequenceId id, int blocks) implements OfKv {}

    /** Free the sequence's KV blocks. */
    record Release(SequenceId id) implements OfKv {}

    /** Keep a copy of the sequence's block at this index under this number. */
    record Keep(SequenceId id, int index, long number) implements OfKv {}

    /** Free the kept block of this number. */
    record Drop(long number) implements OfKv {}

    /** The answer is complete. */
    record Finish(SequenceId id, EndedBy by) implements Effect {}

    /** The request ends with a failure, whether it held anything or not. */
    record Refuse(SequenceId id, Failure failure) implements Effect {}

    /** Feed {@link Event.StepDue} after what is already waiting. */
    record StepSoon() implements Effect {}

    /** Start the step, and feed {@link Event.StepDone} when it is over; steps end in the order in which they began. */
    record Run(Step step) implements Effect {}

    /** Feed {@link Event.Woken} at this time unless another event comes first; replaces an earlier wish. */
    record WakeAt(long nanos) implements Effect {}

    /** Why an answer is complete. */
    enum EndedBy {
        /** By an end token, or as one of the choices. */
        ITSELF,
        /** By the number of tokens that were asked for. */
        LENGTH
    }
}
