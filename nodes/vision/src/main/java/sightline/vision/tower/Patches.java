package sightline.vision.tower;

import sightline.vision.image.PixelValues;

/** Cuts pixel values into square patches, one row each, so that the patch embedding is a linear layer. */
final class Patches {
    private Patches() {}

    /**
     * Cuts from left to right and from top to bottom; pixels beyond the last whole patch are left out.
     *
     * @return [patches, 3 * patchSize * patchSize], each row in the order of a convolution's weight
     */
    static float[] cut(PixelValues pixels, int patchSize) {
        int columns = pixels.width() / patchSize;
        int rows = pixels.height() / patchSize;
        float[] patches = new float[3 * rows * columns * patchSize * patchSize];
        int to = 0;
        for (int patch = 0; patch < rows * columns; patch++) {
            int corner = patch / columns * patchSize * pixels.width() + patch % columns * patchSize;
            for (int line = 0; line < 3 * patchSize; line++) {
                int plane = line / patchSize * pixels.height() * pixels.width();
                int from = plane + corner + line % patchSize * pixels.width();
                System.arraycopy(pixels.values(), from, patches, to, patchSize);
                to += patchSize;
            }
        }
        return patches;
    }
}
