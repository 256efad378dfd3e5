package sightline.vision.image;

import java.util.Arrays;
import sightline.image.ImageHeader;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/** Decodes the BMP variants that PIL reads: palettes of 1, 4 and 8 bits, both run-length codings, 16, 24 and 32 bits. */
final class BmpDecoder {
    private static final long[] MASKS_565 = {0xf800, 0x7e0, 0x1f};
    private static final long[] MASKS_555 = {0x7c00, 0x3e0, 0x1f};
    private static final long[] NO_MASKS = {0, 0, 0};
    private static final int[] BGR = {2, 1, 0};

    private final PictureBytes bytes;
    private final BmpHeader header;
    private final RgbImage image;

    private BmpDecoder(PictureBytes bytes, BmpHeader header, RgbImage image) {
        this.bytes = bytes;
        this.header = header;
        this.image = image;
    }

    static RgbImage decode(PictureBytes bytes, ImageHeader size) throws UnreadableImage {
        BmpHeader header = BmpHeader.read(bytes);
        bytes.require(header.pixels(), 1);
        RgbImage image = RgbImage.black(size.width(), size.height());
        new BmpDecoder(bytes, header, image).decode();
        return image;
    }

    private void decode() throws UnreadableImage {
        switch (header.packing()) {
            case RLE8, RLE4 -> unpackRuns();
            case RAW, MASKS -> unpackRows();
        }
    }

    private void unpackRuns() throws UnreadableImage {
        byte[] indices = new BmpRuns(bytes, header, image.width(), image.height()).decode();
        byte[] colours = colours();
        for (int y = 0; y < image.height(); y++) {
            int to = rowStart(y);
            for (int x = 0; x < image.width(); x++) {
                System.arraycopy(colours, 3 * (indices[y * image.width() + x] & 0xff), image.rgb(), to + 3 * x, 3);
            }
        }
    }

    private void unpackRows() throws UnreadableImage {
        long stride = ((long) image.width() * header.bits() + 31) / 32 * 4;
        long used = ((long) image.width() * header.bits() + 7) / 8;
        bytes.require(header.pixels(), stride * (image.height() - 1) + used);
        int start = (int) header.pixels();
        switch (header.bits()) {
            case 1, 4, 8 -> unpackIndices(start, (int) stride, colours());
            case 16 -> unpackWords(start, (int) stride, hasSixGreenBits());
            default -> unpackBytes(start, (int) stride, byteOrder());
        }
    }

    /** Where row y of the file begins in the image. */
    private int rowStart(int y) {
        return 3 * image.width() * (header.topDown() ? y : image.height() - 1 - y);
    }

    private void unpackIndices(int start, int stride, byte[] colours) {
        byte[] file = bytes.array();
        int bits = header.bits();
        int mask = (1 << bits) - 1;
        for (int y = 0; y < image.height(); y++) {
            int to = rowStart(y);
            for (int x = 0; x < image.width(); x++) {
                int bit = x * bits;
                int index = (file[start + y * stride + (bit >> 3)] >> (8 - bits - (bit & 7))) & mask;
                System.arraycopy(colours, 3 * index, image.rgb(), to + 3 * x, 3);
            }
        }
    }

    private void unpackWords(int start, int stride, boolean sixGreenBits) throws UnreadableImage {
        int greenMask = sixGreenBits ? 63 : 31;
        int redShift = sixGreenBits ? 11 : 10;
        byte[] rgb = image.rgb();
        for (int y = 0; y < image.height(); y++) {
            int to = rowStart(y);
            for (int x = 0; x < image.width(); x++) {
                int word = bytes.u16le(start + (long) y * stride + 2L * x);
                rgb[to++] = (byte) (((word >> redShift) & 31) * 255 / 31);
                rgb[to++] = (byte) (((word >> 5) & greenMask) * 255 / greenMask);
                rgb[to++] = (byte) ((word & 31) * 255 / 31);
            }
        }
    }

    private void unpackBytes(int start, int stride, int[] order) {
        byte[] file = bytes.array();
        byte[] rgb = image.rgb();
        int bytesPerPixel = header.bits() / 8;
        for (int y = 0; y < image.height(); y++) {
            int to = rowStart(y);
            int from = start + y * stride;
            for (int x = 0; x < image.width(); x++) {
                rgb[to++] = file[from + order[0]];
                rgb[to++] = file[from + order[1]];
                rgb[to++] = file[from + order[2]];
                from += bytesPerPixel;
            }
        }
    }

    /** @return [256, 3] uint8; the file holds blue before green before red */
    private byte[] colours() throws UnreadableImage {
        int entries = Math.min(256, header.entries());
        bytes.require(header.palette(), (long) entries * header.entryBytes());
        byte[] colours = new byte[3 * 256];
        for (int i = 0; i < entries; i++) {
            int from = header.palette() + i * header.entryBytes();
            for (int c = 0; c < 3; c++) {
                colours[3 * i + c] = bytes.array()[from + BGR[c]];
            }
        }
        return colours;
    }

    private boolean hasSixGreenBits() throws UnreadableImage {
        if (header.packing() == BmpHeader.Packing.RAW) {
            return false;
        }
        long[] masks = BmpHeader.masks(bytes);
        if (!Arrays.equals(masks, MASKS_565) && !Arrays.equals(masks, MASKS_555)) {
            throw unknownMasks();
        }
        return Arrays.equals(masks, MASKS_565);
    }

    /** At which byte of a pixel red, green and blue stand. */
    private int[] byteOrder() throws UnreadableImage {
        if (header.packing() == BmpHeader.Packing.RAW) {
            return BGR;
        }
        long[] masks = BmpHeader.masks(bytes);
        if (Arrays.equals(masks, NO_MASKS)) {
            return BGR;
        }
        int[] order = new int[3];
        for (int c = 0; c < 3; c++) {
            int shift = Long.numberOfTrailingZeros(masks[c]);
            if (shift % 8 != 0 || shift >= header.bits() || masks[c] != 0xffL << shift) {
                throw unknownMasks();
            }
            order[c] = shift / 8;
        }
        return order;
    }

    private static UnreadableImage unknownMasks() {
        return BmpHeader.damaged("unknown colour masks", "whole bytes, 5-5-5 or 5-6-5 bits");
    }
}
