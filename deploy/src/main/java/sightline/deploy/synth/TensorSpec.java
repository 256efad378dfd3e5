package sightline.deploy.synth;

import java.util.List;

/** One tensor of a checkpoint: its published name, its shape and what it is filled with. */
record TensorSpec(String name, List<Integer> shape, Fill fill) {

    TensorSpec {
        shape = List.copyOf(shape);
        if (shape.isEmpty() || shape.stream().anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException("shape: " + shape + " (expected: at least one size, each >= 1)");
        }
    }

    long elements() {
        return shape.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
    }

    long bfloat16Bytes() {
        return Math.multiplyExact(elements(), Short.BYTES);
    }

    /** What a tensor holds. */
    sealed interface Fill {

        /** The same value everywhere. */
        record Constant(float value) implements Fill {}

        /** One or the other, with equal odds. */
        record EitherOf(float one, float other) implements Fill {}

        /** Independent draws from a normal distribution of mean 0. */
        record Normal(double deviation) implements Fill {}
    }
}
