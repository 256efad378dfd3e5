package sightline.vision.image;

import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * How a picture must be turned before use, as its EXIF tag 0x0112 says; anything unreadable there is upright.
 *
 * <p>Only the first directory of the TIFF block is read, once, so directories that point at each other do no harm.
 */
enum Orientation {
    UPRIGHT, FLIP_HORIZONTAL, ROTATE_180, FLIP_VERTICAL, TRANSPOSE, ROTATE_RIGHT, TRANSVERSE, ROTATE_LEFT;

    private static final int TAG = 0x0112;
    private static final int BYTE = 1;
    private static final int SHORT = 3;
    private static final int LONG = 4;

    /** Reads a TIFF block, with or without {@code Exif\0\0} before it. */
    static Orientation read(PictureBytes bytes, int offset, int length) {
        int start = bytes.holds(offset, "Exif\0\0") ? offset + 6 : offset;
        try {
            bytes.require(start, offset + length - (long) start);
            return ofTag(readTag(bytes, start));
        } catch (UnreadableImage _) {
            return UPRIGHT;
        }
    }

    private static Orientation ofTag(long value) {
        return value >= 1 && value <= 8 ? values()[(int) value - 1] : UPRIGHT;
    }

    private static long readTag(PictureBytes bytes, int start) throws UnreadableImage {
        boolean little = bytes.holds(start, "II*\0");
        if (!little && !bytes.holds(start, "MM\0*")) {
            return 1;
        }
        long directory = start + u32(bytes, start + 4L, little);
        int entries = u16(bytes, directory, little);
        for (int i = 0; i < entries; i++) {
            long entry = directory + 2 + 12L * i;
            if (u16(bytes, entry, little) == TAG) {
                return value(bytes, entry, little);
            }
        }
        return 1;
    }

    private static long value(PictureBytes bytes, long entry, boolean little) throws UnreadableImage {
        return switch (u16(bytes, entry + 2, little)) {
            case BYTE -> bytes.u8(entry + 8);
            case SHORT -> u16(bytes, entry + 8, little);
            case LONG -> u32(bytes, entry + 8, little);
            default -> 1;
        };
    }

    private static int u16(PictureBytes bytes, long at, boolean little) throws UnreadableImage {
        return little ? bytes.u16le(at) : bytes.u16be(at);
    }

    private static long u32(PictureBytes bytes, long at, boolean little) throws UnreadableImage {
        return little ? bytes.u32le(at) : bytes.u32be(at);
    }

    /** The picture turned upright; the same object when nothing is to be done. */
    RgbImage apply(RgbImage image) {
        return switch (this) {
            case UPRIGHT -> image;
            case FLIP_HORIZONTAL -> rearranged(image, false, true, false);
            case ROTATE_180 -> rearranged(image, false, true, true);
            case FLIP_VERTICAL -> rearranged(image, false, false, true);
            case TRANSPOSE -> rearranged(image, true, false, false);
            case ROTATE_RIGHT -> rearranged(image, true, false, true);
            case TRANSVERSE -> rearranged(image, true, true, true);
            case ROTATE_LEFT -> rearranged(image, true, true, false);
        };
    }

    /** Pixel (x, y) of the result is the source's (x, y), or (y, x) when transposed, counted from the far side when flipped. */
    private static RgbImage rearranged(RgbImage image, boolean transposed, boolean flipX, boolean flipY) {
        int width = transposed ? image.height() : image.width();
        int height = transposed ? image.width() : image.height();
        RgbImage turned = RgbImage.black(width, height);
        byte[] from = image.rgb();
        byte[] to = turned.rgb();
        int target = 0;
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int sourceX = transposed ? y : x;
                int sourceY = transposed ? x : y;
                sourceX = flipX ? image.width() - 1 - sourceX : sourceX;
                sourceY = flipY ? image.height() - 1 - sourceY : sourceY;
                int source = 3 * (sourceY * image.width() + sourceX);
                to[target] = from[source];
                to[target + 1] = from[source + 1];
                to[target + 2] = from[source + 2];
                target += 3;
            }
        }
        return turned;
    }
}
