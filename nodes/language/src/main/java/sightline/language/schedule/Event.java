package sightline.language.schedule;

import java.util.List;
import sightline.language.schedule.Demand.PromptShape;

/** What the scheduler is told. An event about a sequence that is gone changes nothing. */
public sealed interface Event {
    /** A request wants to be served. */
    record Arrived(Demand demand) implements Event {}

    /** The projected tokens of one of the sequence's images, counted from 0, are here. */
    record Fetched(SequenceId id, int image) implements Event {}

    /** More is known of what the sequence's prompt holds. */
    record Known(SequenceId id, PromptShape prompt) implements Event {}

    /** The router lets {@code tokens} more tokens come. */
    record Credited(SequenceId id, int tokens) implements Event {
        public Credited {
            if (tokens < 1) {
                throw new IllegalArgumentException("tokens: " + tokens + " (expected: >= 1)");
            }
        }
    }

    /** The suspect takes the turn that {@link Effect.OfferTurn} offered. */
    record TurnTaken(SequenceId id) implements Event {}

    /** Nobody waits for the sequence any more. */
    record Withdrawn(SequenceId id) implements Event {}

    /** The step that {@link Effect.StepSoon} asked for is due. */
    record StepDue() implements Event {}

    /** The oldest step under way is over. */
    record StepDone(List<Sampled> sampled) implements Event {
        public StepDone {
            sampled = List.copyOf(sampled);
        }
    }

    /** The time of {@link Effect.WakeAt} has come. */
    record Woken() implements Event {}

    /**
     * One sequence got a token.
     *
     * @param ends the token ends the answer
     */
    record Sampled(SequenceId id, boolean ends) {}
}
