package sightline.torch;

/** Two weights that read the same rows: the first one's result, activated, times the second one's. */
interface GatedKernel extends AutoCloseable {
    /**
     * Multiplies rows by both weights and joins the results.
     *
     * @param x [rows, in]
     * @return [rows, out]
     */
    Tensor apply(Tensor x);

    /** Bytes that it keeps in memory. */
    long bytes();

    @Override
    void close();
}
