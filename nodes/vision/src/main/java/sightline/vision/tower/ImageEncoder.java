package sightline.vision.tower;

import sightline.vision.image.PixelValues;
import sightline.wire.TensorSpec;

/** Turns pixel values into projected tokens; equal pixels give equal bytes. Used and closed by one thread. */
public interface ImageEncoder extends AutoCloseable {
    /** What {@link #encode} returns: [tokens, hidden] and its element type. */
    TensorSpec spec();

    /**
     * Encodes one image.
     *
     * @return the tensor's little-endian bytes, row by row
     * @throws ArithmeticException if a result is NaN or infinite
     */
    byte[] encode(PixelValues pixels);

    @Override
    void close();
}
