package sightline.router.session;

import java.util.List;
import sightline.stage.v1.Encoded;
import sightline.v1.Timeline;

/** How far a session has come. */
sealed interface SessionState {
    /** Whether the client was told that its answer begins. */
    default boolean hasBegun() {
        return switch (this) {
            case Preparing _,Encoding _,Placing _,Opening _ -> false;
            case Decoding _,Closing _,Delivering _,Over _ -> true;
        };
    }

    /** The prompt is rendered and encoded. */
    record Preparing() implements SessionState {}

    /** A vision node is asked for the pictures, or looked for. */
    record Encoding(PreparedPrompt prompt, Search search) implements SessionState {}

    /** A language replica is looked for. */
    record Placing(PreparedPrompt prompt, List<Encoded> tickets, Search search) implements SessionState {}

    /** A replica has the request, and has not yet said anything about it. */
    record Opening(Run run, Pulse pulse) implements SessionState {}

    /** Tokens come; {@code ungranted} of them were written to the client and have to be granted to the replica. */
    record Decoding(Run run, Pulse pulse, Answer answer, Delivery delivery, int ungranted) implements SessionState {
        Decoding with(Run changed) {
            return new Decoding(changed, pulse, answer, delivery, ungranted);
        }

        Decoding with(Pulse changed) {
            return new Decoding(run, changed, answer, delivery, ungranted);
        }

        Decoding with(Delivery changed) {
            return new Decoding(run, pulse, answer, changed, ungranted);
        }
    }

    /** The answer is whole; the replica has still to say how long it took. */
    record Closing(Run run, Answer answer, Delivery delivery, long lastTokenNanos)
            implements
                SessionState {
        Closing with(Delivery changed) {
            return new Closing(run, answer, changed, lastTokenNanos);
        }
    }

    /** The client has still to read the rest. */
    record Delivering(Delivery delivery, Timeline timeline, int tokens) implements SessionState {
        Delivering with(Delivery changed) {
            return new Delivering(changed, timeline, tokens);
        }
    }

    record Over() implements SessionState {}

    /** A search for a node that began at {@code sinceNanos}. */
    sealed interface Search {
        long sinceNanos();

        record Asked(long sinceNanos) implements Search {}

        /** There was none; it is asked for again at the next tick. */
        record Pausing(long sinceNanos) implements Search {}
    }
}
