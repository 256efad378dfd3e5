package sightline.language.schedule;

/** Whether a step is under way; at most one ever is. */
sealed interface Pulse {
    /** Nothing to compute. */
    record AtRest() implements Pulse {}

    /** {@link Effect.StepSoon} was asked for. */
    record Due() implements Pulse {}

    /** {@link Effect.Run} was asked for. */
    record Running(Step step) implements Pulse {}
}
