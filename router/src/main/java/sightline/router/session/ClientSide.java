package sightline.router.session;

/** Whether the client reads. */
sealed interface ClientSide {
    record Ready() implements ClientSide {}

    record Busy(long sinceNanos) implements ClientSide {}
}
