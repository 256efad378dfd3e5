package sightline.router.prompt;

import sightline.wire.Failure;

/** A request that cannot be served as it stands; thrown while it is read, and told to the client as its failure. */
public final class RequestRefused extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    public RequestRefused(Failure failure) {
        super(failure.message());
        this.failure = failure;
    }

    public Failure failure() {
        return failure;
    }
}
