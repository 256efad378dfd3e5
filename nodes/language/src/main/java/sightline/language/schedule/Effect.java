package sightline.language.schedule;

import sightline.wire.Failure;

/** What the actor carries out, in the order given. */
public sealed interface Effect {
    /** Make room for {@code blocks} KV blocks, then let the projected tokens come. */
    record Reserve(SequenceId id, int blocks) implements Effect {}

    /** Free the sequence's KV blocks. */
    record Release(SequenceId id) implements Effect {}

    /** The answer is complete. */
    record Finish(SequenceId id, EndedBy by) implements Effect {}

    /** The request ends with a failure, whether it held anything or not. */
    record Refuse(SequenceId id, Failure failure) implements Effect {}

    /** Feed {@link Event.StepDue} after what is already waiting. */
    record StepSoon() implements Effect {}

    /** Compute the step and feed {@link Event.StepDone}. */
    record Run(Step step) implements Effect {}

    /** Feed {@link Event.Woken} at this time unless another event comes first; replaces an earlier wish. */
    record WakeAt(long nanos) implements Effect {}

    /** Why an answer is complete. */
    enum EndedBy {
        END_TOKEN, LENGTH
    }
}
