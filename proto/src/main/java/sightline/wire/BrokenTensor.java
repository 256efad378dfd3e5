package sightline.wire;

/** Says in which respect a received tensor is not the promised one. */
public final class BrokenTensor extends Exception {
    private static final long serialVersionUID = 1;

    BrokenTensor(String message) {
        super(message);
    }

    /** The same as a failure to tell another node. */
    public Failure toFailure() {
        return new Failure.BadTensor(String.valueOf(getMessage()));
    }
}
