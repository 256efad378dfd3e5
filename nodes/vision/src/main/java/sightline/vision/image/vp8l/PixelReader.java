package sightline.vision.image.vp8l;

import sightline.image.UnreadableImage;

/** Reads entropy-coded pixels: literals, copies from before, and colours from a cache. */
final class PixelReader {
    /** More groups than any encoder writes (libwebp: at most 2600) are refused, for each takes memory. */
    private static final int MAX_GROUPS = 10_000;
    private static final int MAX_CACHE_BITS = 11;
    private static final int CACHE_HASH = 0x1e35a7bd;
    /** Offsets of the shortest distances: rows up in the high half, 8 minus columns to the left in the low half. */
    private static final int[] NEAR = {0x18, 0x07, 0x17, 0x19, 0x28, 0x06, 0x27, 0x29, 0x16, 0x1a, 0x26, 0x2a, 0x38,
        0x05, 0x37, 0x39, 0x15, 0x1b, 0x36, 0x3a, 0x25, 0x2b, 0x48, 0x04, 0x47, 0x49, 0x14, 0x1c, 0x35, 0x3b, 0x46,
        0x4a, 0x24, 0x2c, 0x58, 0x45, 0x4b, 0x34, 0x3c, 0x03, 0x57, 0x59, 0x13, 0x1d, 0x56, 0x5a, 0x23, 0x2d, 0x44,
        0x4c, 0x55, 0x5b, 0x33, 0x3d, 0x68, 0x02, 0x67, 0x69, 0x12, 0x1e, 0x66, 0x6a, 0x22, 0x2e, 0x54, 0x5c, 0x43,
        0x4d, 0x65, 0x6b, 0x32, 0x3e, 0x78, 0x01, 0x77, 0x79, 0x53, 0x5d, 0x11, 0x1f, 0x64, 0x6c, 0x42, 0x4e, 0x76,
        0x7a, 0x21, 0x2f, 0x75, 0x7b, 0x31, 0x3f, 0x63, 0x6d, 0x52, 0x5e, 0x00, 0x74, 0x7c, 0x41, 0x4f, 0x10, 0x20,
        0x62, 0x6e, 0x30, 0x73, 0x7d, 0x51, 0x5f, 0x40, 0x72, 0x7e, 0x61, 0x6f, 0x50, 0x71, 0x7f, 0x60, 0x70};

    private final BitReader reader;
    private final int width;
    private final int[] pixels;
    private final int[] cache;
    private final int cacheShift;
    private final Regions regions;

    private PixelReader(BitReader reader, int width, int height, boolean main) throws UnreadableImage {
        this.reader = reader;
        this.width = width;
        this.pixels = new int[width * height];
        int cacheBits = reader.flag() ? reader.number(4) : 0;
        if (cacheBits > MAX_CACHE_BITS) {
            throw BitReader.damaged();
        }
        cache = new int[cacheBits == 0 ? 0 : 1 << cacheBits];
        cacheShift = 32 - cacheBits;
        regions = main && reader.flag() ? regions(reader, width, height) : new Regions(new int[1], 0, width);
    }

    /** Which group of codes serves which square of pixels. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Regions(int[] groupOfSquare, int bits, int squaresPerRow) {
        int groups() {
            int most = 0;
            for (int group : groupOfSquare) {
                most = Math.max(most, group);
            }
            return most + 1;
        }
    }

    /** Reads a whole picture, with regions of different codes if it is the main one. @return [height, width] argb */
    static int[] read(BitReader reader, int width, int height, boolean main) throws UnreadableImage {
        PixelReader pixels = new PixelReader(reader, width, height, main);
        pixels.read();
        return pixels.pixels;
    }

    private static Regions regions(BitReader reader, int width, int height) throws UnreadableImage {
        int bits = 2 + reader.number(3);
        int columns = Vp8lDecoder.squares(width, bits);
        int[] groups = read(reader, columns, Vp8lDecoder.squares(height, bits), false);
        for (int i = 0; i < groups.length; i++) {
            groups[i] = (groups[i] >> 8) & 0xffff;
        }
        return new Regions(groups, bits, columns);
    }

    private void read() throws UnreadableImage {
        CodeGroup[] groups = new CodeGroup[regions.groups()];
        if (groups.length > MAX_GROUPS) {
            throw BitReader.damaged();
        }
        for (int i = 0; i < groups.length; i++) {
            groups[i] = CodeGroup.read(reader, cache.length);
        }
        int done = 0;
        int nextCheck = 0;
        while (done < pixels.length) {
            if (done >= nextCheck) {
                reader.requireNotExhausted();
                nextCheck = done + width;
            }
            done += readSome(groups[groupAt(done)], done);
        }
        reader.requireNotExhausted();
    }

    private int groupAt(int position) {
        if (regions.groupOfSquare().length == 1) {
            return regions.groupOfSquare()[0];
        }
        int x = (position % width) >> regions.bits();
        int y = (position / width) >> regions.bits();
        return regions.groupOfSquare()[y * regions.squaresPerRow() + x];
    }

    private int readSome(CodeGroup codes, int at) throws UnreadableImage {
        int symbol = codes.green().read(reader);
        if (symbol < CodeGroup.LITERALS) {
            int red = codes.red().read(reader);
            int blue = codes.blue().read(reader);
            int alpha = codes.alpha().read(reader);
            put(at, (alpha << 24) | (red << 16) | (symbol << 8) | blue);
            return 1;
        }
        if (symbol < CodeGroup.LITERALS + CodeGroup.LENGTHS) {
            int length = prefixed(symbol - CodeGroup.LITERALS);
            int distance = distance(prefixed(codes.distance().read(reader)));
            return copy(at, distance, length);
        }
        put(at, cache[symbol - CodeGroup.LITERALS - CodeGroup.LENGTHS]);
        return 1;
    }

    private int copy(int at, int distance, int length) throws UnreadableImage {
        if (distance > at || length > pixels.length - at) {
            throw BitReader.damaged();
        }
        for (int i = 0; i < length; i++) {
            put(at + i, pixels[at + i - distance]);
        }
        return length;
    }

    private void put(int at, int argb) {
        pixels[at] = argb;
        if (cache.length > 0) {
            cache[(CACHE_HASH * argb) >>> cacheShift] = argb;
        }
    }

    /** A length or distance code from its symbol and extra bits. */
    private int prefixed(int symbol) {
        if (symbol < 4) {
            return symbol + 1;
        }
        int extraBits = (symbol - 2) >> 1;
        return ((2 + (symbol & 1)) << extraBits) + reader.number(extraBits) + 1;
    }

    /** How far before the present pixel a distance code points. */
    private int distance(int code) {
        if (code > NEAR.length) {
            return code - NEAR.length;
        }
        int near = NEAR[code - 1];
        return Math.max(1, (near >> 4) * width + 8 - (near & 15));
    }
}
