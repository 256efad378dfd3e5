package sightline.vision.image;

import com.luciad.imageio.webp.WebP;
import com.luciad.imageio.webp.WebPDecoderOptions;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import sightline.image.ImageFormat;
import sightline.image.ImageHeader;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/** The pixels of one picture within a WebP file, decoded by libwebp. */
final class WebpPixels {
    private static final int RIFF_HEADER = 12;
    private static final int CHUNK_HEADER = 8;

    private WebpPixels() {}

    /**
     * Decodes the {@code VP8 } or {@code VP8L} chunk at {@code chunk}, whose range the caller has checked.
     *
     * @return [width * height], colours in the lower 24 bits, not multiplied by alpha
     */
    static int[] decode(PictureBytes bytes, int chunk, int length, int width, int height) throws UnreadableImage {
        byte[] file = alone(bytes, chunk, length);
        ImageHeader coded = ImageHeader.read(file); // Before libwebp, which allocates what the stream claims.
        if (coded.width() != width || coded.height() != height) {
            throw UnreadableImage.damaged(ImageFormat.WEBP, "pixels of another size than its header says",
                    width + "x" + height);
        }
        return pixels(file);
    }

    private static int[] pixels(byte[] file) throws UnreadableImage {
        int[] facts = new int[4]; // status, width, height, whether there is alpha: known already
        try {
            return WebP.decode(new WebPDecoderOptions(), file, 0, file.length, facts);
        } catch (IOException _) {
            throw UnreadableImage.damaged(ImageFormat.WEBP, "damaged pixel data", "a valid VP8 or VP8L stream");
        }
    }

    /** A file of that chunk only, so that no alpha plane, frame or metadata beside it is looked at. */
    private static byte[] alone(PictureBytes bytes, int chunk, int length) {
        int padded = length + length % 2;
        var file = ByteBuffer.allocate(RIFF_HEADER + CHUNK_HEADER + padded).order(ByteOrder.LITTLE_ENDIAN);
        file.put("RIFF".getBytes(StandardCharsets.US_ASCII))
                .putInt(file.capacity() - CHUNK_HEADER) // what follows, as every chunk counts it
                .put("WEBP".getBytes(StandardCharsets.US_ASCII))
                .put(bytes.array(), chunk, CHUNK_HEADER + length);
        return file.array();
    }
}
