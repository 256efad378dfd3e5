package sightline.vision.image;

import sightline.image.ImageFormat;
import sightline.image.ImageHeader;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/** A PNG's IHDR chunk with a combination of colour type and depth that the format allows. */
record PngHeader(int width, int height, int depth, Colour colour, boolean interlaced) {
    private static final int IHDR = 16;

    /** The colour types; the channels are samples per pixel in the file. */
    enum Colour {
        GREY(1), RGB(3), PALETTE(1), GREY_ALPHA(2), RGB_ALPHA(4);

        private final int channels;

        Colour(int channels) {
            this.channels = channels;
        }

        int channels() {
            return channels;
        }

        private boolean allows(int depth) {
            return switch (this) {
                case GREY -> depth == 1 || depth == 2 || depth == 4 || depth == 8 || depth == 16;
                case PALETTE -> depth == 1 || depth == 2 || depth == 4 || depth == 8;
                case RGB, GREY_ALPHA, RGB_ALPHA -> depth == 8 || depth == 16;
            };
        }
    }

    static PngHeader read(PictureBytes bytes, ImageHeader size) throws UnreadableImage {
        int depth = bytes.u8(IHDR + 8L);
        Colour colour = colour(bytes.u8(IHDR + 9L));
        if (!colour.allows(depth)) {
            throw damaged(depth + " bits a sample", "a depth that the colour type allows");
        }
        if (bytes.u8(IHDR + 10L) != 0 || bytes.u8(IHDR + 11L) != 0 || bytes.u8(IHDR + 12L) > 1) {
            throw damaged("an unknown method", "deflate, adaptive filters, Adam7 or no interlacing");
        }
        return new PngHeader(size.width(), size.height(), depth, colour, bytes.u8(IHDR + 12L) == 1);
    }

    private static Colour colour(int type) throws UnreadableImage {
        return switch (type) {
            case 0 -> Colour.GREY;
            case 2 -> Colour.RGB;
            case 3 -> Colour.PALETTE;
            case 4 -> Colour.GREY_ALPHA;
            case 6 -> Colour.RGB_ALPHA;
            default -> throw damaged("colour type " + type, "0, 2, 3, 4 or 6");
        };
    }

    int bitsPerPixel() {
        return depth * colour.channels();
    }

    /** The distance that the row filters look back. */
    int filterBytes() {
        return Math.max(1, bitsPerPixel() / 8);
    }

    /** The bytes of a row of this many pixels, without its filter byte. */
    int rowBytes(int pixels) {
        return (int) (((long) pixels * bitsPerPixel() + 7) / 8);
    }

    private static UnreadableImage damaged(String got, String expected) {
        return UnreadableImage.damaged(ImageFormat.PNG, got, expected);
    }
}
