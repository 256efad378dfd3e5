package sightline.vision;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import javax.imageio.ImageIO;

/** Small picture files for tests. */
final class Pictures {
    private Pictures() {}

    /** A PNG of one colour, different for every number below 2^24. */
    static byte[] png(int colour) {
        return png(8, colour);
    }

    /** One that takes much longer to decode than the others. */
    static byte[] large() {
        return png(2_000, 7);
    }

    private static byte[] png(int side, int colour) {
        var image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < side * side; i++) {
            image.setRGB(i % side, i / side, colour);
        }
        var file = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }
}
