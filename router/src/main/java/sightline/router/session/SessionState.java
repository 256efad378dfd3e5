package sightline.router.session;

import sightline.v1.Timeline;

/** How far a session has come. */
sealed interface SessionState permits SessionState.Preparing, Answering, SessionState.Delivering, SessionState.Over {
    /** Whether the client was told that its answer begins. */
    default boolean hasBegun() {
        return switch (this) {
            case Preparing _ -> false;
            case Answering answering -> answering.hasBegun();
            case Delivering _,Over _ -> true;
        };
    }

    /** Whether nothing is looked for: time passes, and tokens come or the client reads. */
    default boolean isSettled() {
        return switch (this) {
            case Preparing _ -> false;
            case Answering answering -> answering.runs()
                    .stream()
                    .noneMatch(run -> run.stage() instanceof Run.Stage.Encoding
                            || run.stage() instanceof Run.Stage.Placing
                            || run.stage() instanceof Run.Stage.OnTrial);
            case Delivering _,Over _ -> true;
        };
    }

    /** The prompt is rendered and encoded. */
    record Preparing() implements SessionState {}

    /**
     * The answers are whole; the client has still to read the rest.
     *
     * @param longestAnswer in tokens
     */
    record Delivering(Delivery delivery, Timeline timeline, int longestAnswer) implements SessionState {
        Delivering with(Delivery changed) {
            return new Delivering(changed, timeline, longestAnswer);
        }
    }

    record Over() implements SessionState {}
}
