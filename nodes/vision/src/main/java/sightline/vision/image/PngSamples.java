package sightline.vision.image;

/**
 * How the samples of a PNG row become RGB bytes, as PIL's unpackers and {@code convert("RGB")} define it.
 *
 * <p>Grey of fewer than 8 bits is spread over 0..255; of 16-bit colour the high byte counts, but 16-bit grey is clipped
 * at 255; alpha is dropped; an index beyond the palette is black.
 */
interface PngSamples {
    /** Writes count pixels into rgb from the byte at target on, one every step bytes. */
    void unpack(byte[] row, int offset, int count, byte[] rgb, int target, int step);

    static PngSamples of(PngHeader header, byte[] palette) {
        boolean wide = header.depth() == 16;
        int bytesPerSample = wide ? 2 : 1;
        return switch (header.colour()) {
            case GREY -> wide ? PngSamples::unpackWideGrey : lookup(header.depth(), greyTable(header.depth()));
            case PALETTE -> lookup(header.depth(), paletteTable(palette));
            case GREY_ALPHA -> everySample(2 * bytesPerSample, 0, 0);
            case RGB -> everySample(3 * bytesPerSample, bytesPerSample, 2 * bytesPerSample);
            case RGB_ALPHA -> everySample(4 * bytesPerSample, bytesPerSample, 2 * bytesPerSample);
        };
    }

    /** @return [256, 3] uint8 */
    private static byte[] greyTable(int depth) {
        byte[] table = new byte[3 * 256];
        int highest = (1 << depth) - 1;
        for (int i = 0; i < 3 << depth; i++) {
            table[i] = (byte) (i / 3 * 255 / highest);
        }
        return table;
    }

    /** @return [256, 3] uint8 */
    private static byte[] paletteTable(byte[] palette) {
        byte[] table = new byte[3 * 256];
        System.arraycopy(palette, 0, table, 0, Math.min(palette.length, table.length));
        return table;
    }

    /** Samples of 1 to 8 bits, each an index into a table of colours. */
    private static PngSamples lookup(int depth, byte[] table) {
        int mask = (1 << depth) - 1;
        return (row, offset, count, rgb, target, step) -> {
            int to = target;
            for (int i = 0; i < count; i++) {
                int bit = i * depth;
                int index = (row[offset + (bit >> 3)] >> (8 - depth - (bit & 7))) & mask;
                System.arraycopy(table, 3 * index, rgb, to, 3);
                to += step;
            }
        };
    }

    /** Pixels of whole bytes: red is the first of them, green and blue stand at their offsets. */
    private static PngSamples everySample(int bytesPerPixel, int green, int blue) {
        return (row, offset, count, rgb, target, step) -> {
            int from = offset;
            int to = target;
            for (int i = 0; i < count; i++) {
                rgb[to] = row[from];
                rgb[to + 1] = row[from + green];
                rgb[to + 2] = row[from + blue];
                from += bytesPerPixel;
                to += step;
            }
        };
    }

    private static void unpackWideGrey(byte[] row, int offset, int count, byte[] rgb, int target, int step) {
        int to = target;
        for (int i = 0; i < count; i++) {
            byte grey = row[offset + 2 * i] == 0 ? row[offset + 2 * i + 1] : (byte) 255;
            rgb[to] = grey;
            rgb[to + 1] = grey;
            rgb[to + 2] = grey;
            to += step;
        }
    }
}
