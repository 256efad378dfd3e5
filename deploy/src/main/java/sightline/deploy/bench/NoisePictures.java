package sightline.deploy.bench;

import com.google.protobuf.ByteString;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Pictures that no cache has seen before: coloured squares by chance. */
public final class NoisePictures {
    private static final int SQUARE = 16;

    private NoisePictures() {}

    /** As many different PNG files, the same for the same seed. */
    public static List<ByteString> of(int count, int size, long seed) {
        return IntStream.range(0, count).mapToObj(i -> png(size, new Random(seed * 7919 + i))).toList();
    }

    private static ByteString png(int size, Random random) {
        var image = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
        var graphics = image.createGraphics();
        for (int y = 0; y < size; y += SQUARE)
            for (int x = 0; x < size; x += SQUARE) {
                graphics.setColor(new Color(random.nextInt(1 << 24)));
                graphics.fillRect(x, y, SQUARE, SQUARE);
            }
        graphics.dispose();
        var bytes = new ByteArrayOutputStream();
        try {
            ImageIO.write(image, "png", bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }
}
