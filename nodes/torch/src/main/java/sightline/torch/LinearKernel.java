package sightline.torch;

import java.util.Optional;

/** One weight, held and multiplied in one way. */
interface LinearKernel extends AutoCloseable {
    /**
     * Multiplies rows by the weight, adds the bias, and applies what follows.
     *
     * @param x [rows, in]
     * @return [rows, out]
     */
    Tensor apply(Tensor x, Optional<Activation> after);

    /** Bytes that it keeps in memory. */
    long bytes();

    @Override
    void close();
}
