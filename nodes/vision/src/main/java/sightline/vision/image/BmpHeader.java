package sightline.vision.image;

import sightline.image.ImageFormat;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * What a BMP's headers say about its pixels, in the variants that PIL reads.
 *
 * @param palette where it begins in the file
 * @param entryBytes bytes of a palette entry
 * @param entries of the palette
 * @param pixels where they begin in the file
 */
record BmpHeader(int bits, Packing packing, boolean topDown, int palette, int entryBytes, int entries, long pixels) {
    private static final int FILE_HEADER = 14;
    private static final int MASKS = 54;
    private static final int CORE = 12;

    /** How the pixels are stored. */
    enum Packing {
        RAW, RLE8, RLE4, MASKS
    }

    static BmpHeader read(PictureBytes bytes) throws UnreadableImage {
        long size = bytes.u32le(FILE_HEADER);
        if (size == CORE) {
            return core(bytes);
        }
        if (size != 40 && size != 52 && size != 56 && size != 64 && size != 108 && size != 124) {
            throw damaged("an unknown header", "one of 12, 40, 52, 56, 64, 108 or 124 bytes");
        }
        int bits = bits(bytes.u16le(28));
        Packing packing = packing(bytes.u32le(30));
        boolean masksBehind = packing == Packing.MASKS && size == 40;
        int palette = FILE_HEADER + (int) size + (masksBehind ? 12 : 0);
        int entries = entries(bytes.u32le(46), bits);
        return new BmpHeader(bits, packing, bytes.u8(25) == 0xff, palette, 4, entries,
                pixels(bytes, (int) size, palette, bits, 4 * entries));
    }

    private static BmpHeader core(PictureBytes bytes) throws UnreadableImage {
        int bits = bits(bytes.u16le(24));
        int palette = FILE_HEADER + CORE;
        int entries = entries(0, bits);
        return new BmpHeader(bits, Packing.RAW, false, palette, 3, entries,
                pixels(bytes, CORE, palette, bits, 3 * entries));
    }

    /** Files that give the offset right behind the header, palette or not, mean the place behind the palette. */
    private static long pixels(PictureBytes bytes, int headerSize, int palette, int bits, int paletteBytes)
            throws UnreadableImage {
        long stated = bytes.u32le(10);
        int used = bits <= 8 ? paletteBytes : 0;
        if (stated == 0) {
            return palette + (long) used;
        }
        return stated == FILE_HEADER + headerSize ? stated + used : stated;
    }

    private static int entries(long stated, int bits) throws UnreadableImage {
        if (bits > 8) {
            return 0;
        }
        if (stated > 65536) {
            throw damaged("a palette of " + stated + " colours", "at most 65536");
        }
        return stated == 0 ? 1 << bits : (int) stated;
    }

    private static int bits(int bits) throws UnreadableImage {
        return switch (bits) {
            case 1, 4, 8, 16, 24, 32 -> bits;
            default -> throw damaged(bits + " bits a pixel", "1, 4, 8, 16, 24 or 32");
        };
    }

    private static Packing packing(long compression) throws UnreadableImage {
        return switch ((int) Math.min(compression, 99)) {
            case 0 -> Packing.RAW;
            case 1 -> Packing.RLE8;
            case 2 -> Packing.RLE4;
            case 3 -> Packing.MASKS;
            default -> throw damaged("compression " + compression, "0, 1, 2 or 3");
        };
    }

    /** The red, green and blue mask; zeros in a header that has no room for them are told apart by the caller. */
    static long[] masks(PictureBytes bytes) throws UnreadableImage {
        return new long[]{bytes.u32le(MASKS), bytes.u32le(MASKS + 4L), bytes.u32le(MASKS + 8L)};
    }

    static UnreadableImage damaged(String got, String expected) {
        return UnreadableImage.damaged(ImageFormat.BMP, got, expected);
    }
}
