package sightline.client;

import java.util.List;
import java.util.Optional;
import sightline.wire.Failure;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/**
 * A request was refused, or its answer broke and could not be gone on with: what the server said, or what gRPC or the
 * client said in its place.
 */
public final class RequestFailed extends RuntimeException {

    private static final long serialVersionUID = 1;

    private final transient Received received;

    private RequestFailed(Received received) {
        super(received.message());
        this.received = received;
    }

    /** @param cause what gRPC threw */
    RequestFailed(Received received, Throwable cause) {
        super(received.message(), cause);
        this.received = received;
    }

    /** What the client itself has to complain of, with the status that a server would give it. */
    static RequestFailed because(Failure failure) {
        return new RequestFailed(StatusMapping.read(StatusMapping.toStatus(failure)).orElseThrow());
    }

    /** A stream has ended well, and yet the answer is not whole. */
    static RequestFailed unfinished() {
        return new RequestFailed(new Received("INTERNAL", Optional.of("BUG"), "the stream ended without Finished",
                List.of(), Optional.empty()));
    }

    /** Status, reason, message and bad fields. */
    public Received received() {
        return received;
    }
}
