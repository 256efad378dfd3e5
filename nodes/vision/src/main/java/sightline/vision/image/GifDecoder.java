package sightline.vision.image;

import sightline.image.GifBlocks;
import sightline.image.ImageFormat;
import sightline.image.ImageHeader;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * Decodes the first frame of a GIF on its canvas, as PIL does; later frames are not looked at.
 *
 * <p>Where the frame does not cover the canvas stands the transparent colour's palette entry, or entry 0 without one.
 */
final class GifDecoder {
    private static final int SCREEN_BYTES = 13;
    private static final int DESCRIPTOR_BYTES = 10;
    private static final int[][] WHOLE = {{0, 1}};
    private static final int[][] INTERLACED = {{0, 8}, {4, 8}, {2, 4}, {1, 2}};

    private final PictureBytes bytes;
    private final ImageHeader canvas;
    private final int frame;

    private GifDecoder(PictureBytes bytes, ImageHeader canvas, int frame) {
        this.bytes = bytes;
        this.canvas = canvas;
        this.frame = frame;
    }

    static RgbImage decode(PictureBytes bytes, ImageHeader canvas) throws UnreadableImage {
        return new GifDecoder(bytes, canvas, GifBlocks.firstFrame(bytes)).decode();
    }

    private RgbImage decode() throws UnreadableImage {
        byte[] colours = colours();
        RgbImage image = RgbImage.black(canvas.width(), canvas.height());
        fill(image.rgb(), colours, GifBlocks.transparentIndex(bytes, frame).orElse(0));
        int width = bytes.u16le(frame + 5L);
        int height = bytes.u16le(frame + 7L);
        if (width < 1 || height < 1) {
            throw UnreadableImage.damaged(ImageFormat.GIF, "an empty frame", "at least one pixel");
        }
        GifCodes codes = new GifCodes(bytes, dataOffset());
        byte[] row = new byte[width];
        for (int[] pass : (flags() & 0x40) != 0 ? INTERLACED : WHOLE) {
            for (int y = pass[0]; y < height; y += pass[1]) {
                codes.read(row);
                paint(row, y, colours, image);
            }
        }
        return image;
    }

    private void paint(byte[] row, int y, byte[] colours, RgbImage image) throws UnreadableImage {
        int left = bytes.u16le(frame + 1L);
        int top = bytes.u16le(frame + 3L);
        int to = 3 * ((top + y) * image.width() + left);
        for (byte index : row) {
            System.arraycopy(colours, 3 * (index & 0xff), image.rgb(), to, 3);
            to += 3;
        }
    }

    private static void fill(byte[] rgb, byte[] colours, int index) {
        for (int to = 0; to < rgb.length; to += 3) {
            System.arraycopy(colours, 3 * index, rgb, to, 3);
        }
    }

    private int flags() throws UnreadableImage {
        return bytes.u8(frame + 9L);
    }

    private int dataOffset() throws UnreadableImage {
        return frame + DESCRIPTOR_BYTES + paletteBytes(flags());
    }

    private static int paletteBytes(int flags) {
        return (flags & 0x80) != 0 ? 3 << ((flags & 7) + 1) : 0;
    }

    /** @return [256, 3] uint8; a palette that merely lists the greys in order stands for all 256 of them, as in PIL */
    private byte[] colours() throws UnreadableImage {
        int local = paletteBytes(flags());
        int length = local != 0 ? local : paletteBytes(bytes.u8(10));
        int start = local != 0 ? frame + DESCRIPTOR_BYTES : SCREEN_BYTES;
        bytes.require(start, length);
        byte[] colours = new byte[3 * 256];
        if (listsGreys(start, length)) {
            for (int i = 0; i < colours.length; i++) {
                colours[i] = (byte) (i / 3);
            }
        } else {
            System.arraycopy(bytes.array(), start, colours, 0, length);
        }
        return colours;
    }

    private boolean listsGreys(int start, int length) throws UnreadableImage {
        for (int i = 0; i < length; i++) {
            if (bytes.u8(start + (long) i) != i / 3) {
                return false;
            }
        }
        return true;
    }
}
