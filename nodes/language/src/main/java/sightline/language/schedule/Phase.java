package sightline.language.schedule;

/** Where a sequence stands; each phase only leads to a later one, except that a parked sequence decodes again. */
sealed interface Phase {
    /** For the text of a failure. */
    default String describe() {
        return switch (this) {
            case Waiting _ -> "waiting for a place";
            case Fetching _ -> "fetching projected tokens";
            case Prefilling _ -> "reading the prompt";
            case Decoding _ -> "generating";
            case Parked _ -> "waiting for the client to read";
        };
    }

    /** In the queue, holding nothing. */
    record Waiting() implements Phase {}

    /** Its KV blocks are reserved; the projected tokens are on their way. */
    record Fetching() implements Phase {}

    /** The first {@code positionsDone} prompt positions, whole tiles, are in the KV store. */
    record Prefilling(int positionsDone) implements Phase {}

    /** Takes part in every decode step. */
    record Decoding(int generated) implements Phase {}

    /** Out of token credit since {@code sinceNanos}. */
    record Parked(int generated, long sinceNanos) implements Phase {}
}
