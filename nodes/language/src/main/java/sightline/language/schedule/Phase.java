package sightline.language.schedule;

/** Where a sequence stands; each phase only leads to a later one, except that a preempted sequence waits again. */
sealed interface Phase {
    /** For the text of a failure. */
    default String describe() {
        return switch (this) {
            case Waiting _ -> "waiting for a place";
            case Prefilling _ -> "reading the prompt";
            case Decoding _ -> "generating";
        };
    }

    /** In the queue, holding nothing. */
    record Waiting() implements Phase {}

    /** The first {@code positions} of the prompt, whole tiles, are in the KV store; rows of later ones may not be here yet. */
    record Prefilling(int positions) implements Phase {}

    /** The whole prompt and the first {@code tokens} of the answer are in the KV store. */
    record Decoding(int tokens) implements Phase {}
}
