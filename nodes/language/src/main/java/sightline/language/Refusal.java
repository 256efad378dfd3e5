package sightline.language;

import sightline.wire.Failure;

/** A request that is not served, and why. */
final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient Failure failure;

    Refusal(Failure failure) {
        super(failure.message());
        this.failure = failure;
    }

    Failure failure() {
        return failure;
    }
}
