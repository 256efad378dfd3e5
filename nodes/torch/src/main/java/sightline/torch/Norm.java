package sightline.torch;

/** Brings every row to a common size, by weights of the model. */
public sealed interface Norm extends AutoCloseable permits RmsNorm, LayerNorm {
    /**
     * Normalizes every row.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden] of x's type
     */
    Tensor apply(Tensor x);

    @Override
    void close();
}
