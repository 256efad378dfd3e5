package sightline.vision.image;

/**
 * A decoded picture: rows from top to bottom, each pixel its red, green and blue byte.
 *
 * <p>The array is owned by the image and not copied; a decoder writes it once, before anybody else sees it.
 */
public final class RgbImage {
    private final int width;
    private final int height;
    private final byte[] rgb;

    /** @param rgb [height, width, 3] uint8 */
    public RgbImage(int width, int height, byte[] rgb) {
        if (width < 1 || height < 1 || rgb.length != 3L * width * height) {
            throw new IllegalArgumentException("rgb: " + rgb.length + " bytes (expected: 3 for each of " + width + "x"
                    + height + " pixels)");
        }
        this.width = width;
        this.height = height;
        this.rgb = rgb;
    }

    static RgbImage black(int width, int height) {
        return new RgbImage(width, height, new byte[3 * width * height]);
    }

    public int width() {
        return width;
    }

    public int height() {
        return height;
    }

    /** [height, width, 3] uint8: the array itself. */
    public byte[] rgb() {
        return rgb;
    }
}
