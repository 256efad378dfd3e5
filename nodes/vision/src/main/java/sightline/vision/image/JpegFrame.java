package sightline.vision.image;

import sightline.image.ImageFormat;
import sightline.image.ImageHeader;
import sightline.image.JpegSegments;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * What a JPEG's segments before its first scan say about how to read its samples.
 *
 * <p>The colour model is guessed as libjpeg guesses it (default_decompress_parms of jdapimin.c).
 */
record JpegFrame(Colour colour, Orientation orientation) {
    /** The most scans a picture may have, and the most pixels over all its scans. */
    private static final int MAX_SCANS = 100;
    private static final long MAX_SCANNED_PIXELS = 16L * ImageHeader.MAX_PIXELS;

    /** What the components mean. CMYK and YCCK are stored inverted, as Adobe does it and PIL assumes. */
    enum Colour {
        GREY(1), YCC(3), RGB(3), CMYK(4), YCCK(4);

        private final int components;

        Colour(int components) {
            this.components = components;
        }

        int components() {
            return components;
        }
    }

    static JpegFrame read(PictureBytes bytes) throws UnreadableImage {
        JpegSegments segments = new JpegSegments(bytes);
        Orientation orientation = Orientation.UPRIGHT;
        Marks marks = new Marks(false, false, 0);
        int frame = 0;
        for (segments.next(); segments.marker() != JpegSegments.START_OF_SCAN; segments.next()) {
            int offset = segments.offset();
            if (segments.isFrame()) {
                requireKnownKind(segments.marker(), bytes.u8(offset));
                frame = offset;
            } else if (segments.marker() == 0xe0 && bytes.holds(offset, "JFIF\0")) {
                marks = marks.withJfif();
            } else if (segments.marker() == 0xee && bytes.holds(offset, "Adobe") && segments.length() >= 12) {
                marks = marks.withAdobe(bytes.u8(offset + 11L));
            } else if (segments.marker() == 0xe1 && bytes.holds(offset, "Exif\0\0")
                    && orientation == Orientation.UPRIGHT) {
                orientation = Orientation.read(bytes, offset, segments.length());
            }
        }
        requireFewScans(bytes, segments.offset(), (long) bytes.u16be(frame + 1L) * bytes.u16be(frame + 3L));
        return new JpegFrame(colour(bytes, frame, marks), orientation);
    }

    private record Marks(boolean jfif, boolean adobe, int transform) {
        Marks withJfif() {
            return new Marks(true, adobe, transform);
        }

        Marks withAdobe(int adobeTransform) {
            return new Marks(jfif, true, adobeTransform);
        }
    }

    private static void requireKnownKind(int marker, int bits) throws UnreadableImage {
        if (marker > 0xc2) {
            throw UnreadableImage.damaged(ImageFormat.JPEG, "an uncommon coding",
                    "baseline or progressive Huffman coding");
        }
        if (bits != 8) {
            throw UnreadableImage.damaged(ImageFormat.JPEG, bits + " bits a sample", "8");
        }
    }

    private static Colour colour(PictureBytes bytes, int frame, Marks marks) throws UnreadableImage {
        int components = bytes.u8(frame + 5L);
        return switch (components) {
            case 1 -> Colour.GREY;
            case 3 -> isRgb(bytes, frame, marks) ? Colour.RGB : Colour.YCC;
            case 4 -> marks.adobe() && marks.transform() != 0 ? Colour.YCCK : Colour.CMYK;
            default -> throw UnreadableImage.damaged(ImageFormat.JPEG, components + " components", "1, 3 or 4");
        };
    }

    private static boolean isRgb(PictureBytes bytes, int frame, Marks marks) throws UnreadableImage {
        if (marks.jfif()) {
            return false;
        }
        if (marks.adobe()) {
            return marks.transform() == 0;
        }
        return bytes.u8(frame + 6L) == 'R' && bytes.u8(frame + 9L) == 'G' && bytes.u8(frame + 12L) == 'B';
    }

    /** In entropy-coded data a 0xff is followed by zero or a restart mark, so every start of scan is found. */
    private static void requireFewScans(PictureBytes bytes, int from, long pixels) throws UnreadableImage {
        byte[] file = bytes.array();
        int scans = 1;
        for (int i = from; i + 1 < file.length; i++) {
            if (file[i] == (byte) 0xff && file[i + 1] == (byte) JpegSegments.START_OF_SCAN) {
                scans++;
            }
        }
        if (scans > MAX_SCANS || scans * pixels > MAX_SCANNED_PIXELS) {
            throw UnreadableImage.damaged(ImageFormat.JPEG, scans + " scans", "fewer scans for its size");
        }
    }
}
