package sightline.wire;

import java.util.List;

/**
 * What every chunk of a tensor must say about it.
 *
 * @param shape every dimension at least 1
 * @param modelDigest of the model that made the tensor
 */
public record TensorSpec(List<Long> shape, ElementType type, Sha256 modelDigest) {
    /** More than any projected image needs: 577 rows of 8,192 float32 are 19 MB. */
    public static final long MAX_BYTES = 64L << 20;

    public TensorSpec {
        shape = List.copyOf(shape);
        if (shape.isEmpty() || shape.stream().anyMatch(d -> d < 1))
            throw new IllegalArgumentException("shape: " + shape + " (expected: dimensions >= 1)");
        if (byteLength(shape, type) > MAX_BYTES)
            throw new IllegalArgumentException("shape: " + shape + " (expected: at most " + MAX_BYTES + " bytes)");
    }

    public int byteLength() {
        return Math.toIntExact(byteLength(shape, type));
    }

    private static long byteLength(List<Long> shape, ElementType type) {
        long bytes = type.bytes();
        for (long dimension : shape) {
            if (dimension > MAX_BYTES / bytes)
                return Long.MAX_VALUE;
            bytes *= dimension;
        }
        return bytes;
    }
}
