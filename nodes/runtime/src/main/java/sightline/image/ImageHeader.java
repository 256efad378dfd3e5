package sightline.image;

/**
 * The format and size of a picture that may be decoded: at most 10 MiB of file, 16.8 megapixels and 65,535 pixels a side.
 *
 * <p>Width and height are those of the decoded raster before its orientation tag is applied. They are read from the
 * header alone, so the work and the memory of {@link #read} do not depend on what the header claims.
 */
public record ImageHeader(ImageFormat format, int width, int height) {
    /** The largest picture file. */
    public static final int MAX_BYTES = 10 * 1024 * 1024;
    /** The most pixels a picture may have. */
    public static final int MAX_PIXELS = 4096 * 4096;
    /** The longest side, which bounds what a decoder needs for a row: JPEG and GIF cannot say more. */
    public static final int MAX_SIDE = 65_535;

    public ImageHeader {
        if (!isAllowed(width, height)) {
            throw new IllegalArgumentException("size: " + width + "x" + height + " (expected: 1.." + MAX_PIXELS
                    + " pixels, at most " + MAX_SIDE + " a side)");
        }
    }

    /** Judges a picture file without allocating its pixels. */
    public static ImageHeader read(byte[] encoded) throws UnreadableImage {
        if (encoded.length == 0 || encoded.length > MAX_BYTES) {
            throw new UnreadableImage(
                    "picture: " + encoded.length + " bytes (expected: 1.." + MAX_BYTES + " bytes)");
        }
        PictureBytes bytes = new PictureBytes(encoded);
        ImageFormat format = ImageFormat.of(bytes);
        return switch (format) {
            case PNG -> png(bytes);
            case JPEG -> jpeg(bytes);
            case WEBP -> webp(bytes);
            case GIF -> gif(bytes);
            case BMP -> bmp(bytes);
        };
    }

    private static ImageHeader png(PictureBytes bytes) throws UnreadableImage {
        if (!bytes.holds(12, "IHDR") || bytes.u32be(8) != 13) {
            throw UnreadableImage.damaged(ImageFormat.PNG, "another chunk in first place", "an IHDR chunk");
        }
        return judged(ImageFormat.PNG, bytes.u32be(16), bytes.u32be(20));
    }

    private static ImageHeader jpeg(PictureBytes bytes) throws UnreadableImage {
        JpegSegments segments = new JpegSegments(bytes);
        do {
            segments.next();
            if (segments.marker() == JpegSegments.START_OF_SCAN) {
                throw UnreadableImage.damaged(ImageFormat.JPEG, "a scan before its frame", "a frame header first");
            }
        } while (!segments.isFrame());
        return judged(ImageFormat.JPEG, bytes.u16be(segments.offset() + 3L), bytes.u16be(segments.offset() + 1L));
    }

    private static ImageHeader webp(PictureBytes bytes) throws UnreadableImage {
        if (bytes.holds(12, "VP8X")) {
            return judged(ImageFormat.WEBP, bytes.u24le(24) + 1L, bytes.u24le(27) + 1L);
        }
        if (bytes.holds(12, "VP8 ") && bytes.holds(23, "\u009d\u0001*")) {
            return judged(ImageFormat.WEBP, bytes.u16le(26) & 0x3fff, bytes.u16le(28) & 0x3fff);
        }
        if (bytes.holds(12, "VP8L") && bytes.holds(20, "/")) {
            long bits = bytes.u32le(21);
            return judged(ImageFormat.WEBP, (bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
        }
        throw UnreadableImage.damaged(ImageFormat.WEBP, "an unknown first chunk", "VP8, VP8L or VP8X");
    }

    /** The canvas grows to hold a first frame that reaches beyond the logical screen, as PIL does it. */
    private static ImageHeader gif(PictureBytes bytes) throws UnreadableImage {
        int frame = GifBlocks.firstFrame(bytes);
        int right = bytes.u16le(frame + 1L) + bytes.u16le(frame + 5L);
        int bottom = bytes.u16le(frame + 3L) + bytes.u16le(frame + 7L);
        return judged(ImageFormat.GIF, Math.max(bytes.u16le(6), right), Math.max(bytes.u16le(8), bottom));
    }

    private static ImageHeader bmp(PictureBytes bytes) throws UnreadableImage {
        if (bytes.u32le(14) == 12) {
            return judged(ImageFormat.BMP, bytes.u16le(18), bytes.u16le(20));
        }
        int height = (int) bytes.u32le(22);
        return judged(ImageFormat.BMP, bytes.u32le(18), Math.abs((long) height));
    }

    private static ImageHeader judged(ImageFormat format, long width, long height) throws UnreadableImage {
        if (!isAllowed(width, height)) {
            throw new UnreadableImage("picture: " + width + "x" + height + " pixels (expected: at least 1x1, at most "
                    + MAX_PIXELS + " in all and " + MAX_SIDE + " a side)");
        }
        return new ImageHeader(format, (int) width, (int) height);
    }

    private static boolean isAllowed(long width, long height) {
        return width >= 1 && height >= 1 && width <= MAX_SIDE && height <= MAX_SIDE && width * height <= MAX_PIXELS;
    }
}
