package sightline.vision.image;

/**
 * A picture as the tower takes it.
 *
 * <p>The array is owned by this object and not copied; nobody writes to it once it is made.
 */
public final class PixelValues {
    private final int height;
    private final int width;
    private final float[] values;

    /** @param values [3, height, width] */
    public PixelValues(int height, int width, float[] values) {
        if (values.length != 3L * height * width) {
            throw new IllegalArgumentException(
                    "values: " + values.length + " (expected: 3 x " + height + " x " + width + ")");
        }
        this.height = height;
        this.width = width;
        this.values = values;
    }

    public int height() {
        return height;
    }

    public int width() {
        return width;
    }

    /** [3, height, width] float32: the array itself. */
    public float[] values() {
        return values;
    }
}
