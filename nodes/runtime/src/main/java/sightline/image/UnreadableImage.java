package sightline.image;

/**
 * A picture that cannot be served; its message is fit for the client's eyes and says what was expected.
 *
 * <p>The message holds nothing of the inside: no class names, no paths, no addresses.
 */
public final class UnreadableImage extends Exception {
    private static final long serialVersionUID = 1L;

    public UnreadableImage(String message) {
        super(message);
    }

    /** A picture of the named format whose bytes contradict that format. */
    public static UnreadableImage damaged(ImageFormat format, String got, String expected) {
        return new UnreadableImage(
                "picture: " + format.title() + " file with " + got + " (expected: " + expected + ")");
    }

    /** A picture whose bytes end before what the format promises. */
    public static UnreadableImage truncated() {
        return new UnreadableImage("picture: file that ends too early (expected: a complete picture file)");
    }
}
