package sightline.router.sim;

import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.wire.Failure;

/** What a client and a router say to each other. */
final class Talk {
    private Talk() {}

    /** The client's words. */
    sealed interface Says {}

    record Ask(GenerateRequest request, long deadlineNanos) implements Says {}

    /** One response was read, so that its room is free: HTTP/2's window. */
    record Read() implements Says {}

    /** The router's words. */
    sealed interface Hears {}

    record Response(GenerateResponse response) implements Hears {}

    record Done() implements Hears {}

    record Failed(Failure failure) implements Hears {}
}
