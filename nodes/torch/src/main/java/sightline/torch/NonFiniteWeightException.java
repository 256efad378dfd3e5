package sightline.torch;

/** A checkpoint holds a NaN or an infinity, with which no answer would mean anything. */
public final class NonFiniteWeightException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NonFiniteWeightException(String weight) {
        super(weight + ": holds NaN or infinity (expected: finite numbers)");
    }
}
