package sightline.torch;

/**
 * A tensor that lives until it is closed, whatever scopes come and go: weights, KV, tables.
 *
 * <p>Made by {@link Tensor#own}. Reading it still needs an open {@link TensorScope}; closing it does not.
 */
public final class OwnedTensor implements AutoCloseable {
    private final Tensor tensor;

    OwnedTensor(Tensor tensor) {
        this.tensor = tensor;
    }

    /** The tensor itself, usable in any scope of any thread that this owner lets touch it. */
    public Tensor tensor() {
        return tensor;
    }

    /** Frees the memory; closing twice is harmless. */
    @Override
    public void close() {
        tensor.free();
    }
}
