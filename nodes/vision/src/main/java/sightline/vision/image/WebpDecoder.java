package sightline.vision.image;

import sightline.image.ImageFormat;
import sightline.image.ImageHeader;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * Decodes a WebP file, of an animated one the first frame on a black canvas; its alpha planes are not even unpacked.
 */
final class WebpDecoder {
    private static final int FIRST_CHUNK = 12;
    private static final int FRAME_HEADER = 16;

    private final PictureBytes bytes;
    private final RgbImage canvas;
    private Orientation orientation = Orientation.UPRIGHT;
    private boolean painted;

    private WebpDecoder(PictureBytes bytes, ImageHeader size) {
        this.bytes = bytes;
        this.canvas = RgbImage.black(size.width(), size.height());
    }

    static RgbImage decode(PictureBytes bytes, ImageHeader size) throws UnreadableImage {
        WebpDecoder decoder = new WebpDecoder(bytes, size);
        decoder.readChunks();
        return decoder.orientation.apply(decoder.canvas);
    }

    private void readChunks() throws UnreadableImage {
        long end = Math.min(bytes.length(), bytes.u32le(4) + 8);
        bytes.require(0, bytes.u32le(4) + 8);
        for (long at = FIRST_CHUNK; at + 8 <= end; at += 8 + paddedLength(at)) {
            int data = (int) at + 8;
            bytes.require(data, bytes.u32le(at + 4));
            int length = (int) bytes.u32le(at + 4);
            if (bytes.holds((int) at, "EXIF")) {
                orientation = Orientation.read(bytes, data, length);
            } else if (!painted && bytes.holds((int) at, "ANMF")) {
                paintFrame(data, length);
            } else if (!painted && isPixels((int) at)) {
                paint((int) at, length, 0, 0, canvas.width(), canvas.height());
            }
        }
        if (!painted) {
            throw UnreadableImage.truncated();
        }
    }

    private long paddedLength(long chunk) throws UnreadableImage {
        long length = bytes.u32le(chunk + 4);
        return length + length % 2;
    }

    private boolean isPixels(int chunk) {
        return bytes.holds(chunk, "VP8 ") || bytes.holds(chunk, "VP8L");
    }

    private void paintFrame(int data, int length) throws UnreadableImage {
        bytes.require(data, Math.max(length, FRAME_HEADER));
        int x = 2 * bytes.u24le(data);
        int y = 2 * bytes.u24le(data + 3L);
        int width = bytes.u24le(data + 6L) + 1;
        int height = bytes.u24le(data + 9L) + 1;
        if ((long) x + width > canvas.width() || (long) y + height > canvas.height()) {
            throw UnreadableImage.damaged(ImageFormat.WEBP, "a frame beyond its canvas", "frames within it");
        }
        long end = (long) data + length;
        for (long at = (long) data + FRAME_HEADER; at + 8 <= end && !painted; at += 8 + paddedLength(at)) {
            bytes.require(at + 8, bytes.u32le(at + 4));
            if (isPixels((int) at)) {
                paint((int) at, (int) bytes.u32le(at + 4), x, y, width, height);
            }
        }
    }

    private void paint(int chunk, int length, int left, int top, int width, int height) throws UnreadableImage {
        paintArgb(WebpPixels.decode(bytes, chunk, length, width, height), left, top, width, height);
        painted = true;
    }

    private void paintArgb(int[] argb, int left, int top, int width, int height) {
        for (int y = 0; y < height; y++) {
            int to = 3 * ((top + y) * canvas.width() + left);
            for (int x = 0; x < width; x++) {
                int pixel = argb[y * width + x];
                canvas.rgb()[to++] = (byte) (pixel >> 16);
                canvas.rgb()[to++] = (byte) (pixel >> 8);
                canvas.rgb()[to++] = (byte) pixel;
            }
        }
    }
}
