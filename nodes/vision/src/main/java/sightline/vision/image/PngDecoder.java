package sightline.vision.image;

import java.util.Arrays;
import sightline.image.ImageFormat;
import sightline.image.ImageHeader;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * Decodes every kind of PNG exactly as PIL does, on the JDK's inflater; of an animated one the default image.
 *
 * <p>ImageIO is not used: the JDK's reader gives the same pixels, but 800,000 empty data chunks cost it two seconds and 6.6
 * GB of allocation, and it refuses files without an end chunk, which PIL reads.
 */
final class PngDecoder {
    /** Adam7: column and row where each pass begins, and its steps. */
    private static final int[][] PASSES = {{0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4}, {0, 2, 2, 4},
        {1, 0, 2, 2}, {0, 1, 1, 2}};
    private static final int[][] WHOLE = {{0, 0, 1, 1}};

    private final PictureBytes bytes;
    private final PngHeader header;
    private final PngChunks chunks;
    private byte[] palette = new byte[0];
    private Orientation orientation = Orientation.UPRIGHT;

    private PngDecoder(PictureBytes bytes, PngHeader header) {
        this.bytes = bytes;
        this.header = header;
        this.chunks = new PngChunks(bytes);
    }

    static RgbImage decode(PictureBytes bytes, ImageHeader size) throws UnreadableImage {
        return new PngDecoder(bytes, PngHeader.read(bytes, size)).decode();
    }

    private RgbImage decode() throws UnreadableImage {
        readUntilPixels();
        PngSamples samples = samples();
        RgbImage image = RgbImage.black(header.width(), header.height());
        try (PngPixelData data = new PngPixelData(bytes, chunks)) {
            for (int[] pass : header.interlaced() ? PASSES : WHOLE) {
                decodePass(data, samples, image, pass);
            }
        }
        readAfterPixels();
        return orientation.apply(image);
    }

    private void readUntilPixels() throws UnreadableImage {
        chunks.next();
        chunks.requireChecksum();
        for (chunks.next(); !chunks.is("IDAT"); chunks.next()) {
            if (chunks.is("PLTE")) {
                chunks.requireChecksum();
                palette = Arrays.copyOfRange(bytes.array(), chunks.offset(), chunks.offset() + chunks.length());
            } else if (chunks.is("IEND")) {
                throw UnreadableImage.damaged(ImageFormat.PNG, "no pixel data", "an IDAT chunk");
            }
            readOrientation();
        }
    }

    private void readAfterPixels() throws UnreadableImage {
        while (chunks.hasNext()) {
            try {
                chunks.next();
            } catch (UnreadableImage _) {
                return; // The picture is complete; PIL does not mind what follows it either.
            }
            readOrientation();
        }
    }

    private void readOrientation() {
        if (chunks.is("eXIf")) {
            orientation = Orientation.read(bytes, chunks.offset(), chunks.length());
        }
    }

    private PngSamples samples() throws UnreadableImage {
        if (header.colour() == PngHeader.Colour.PALETTE && palette.length == 0) {
            throw UnreadableImage.damaged(ImageFormat.PNG, "no palette", "a PLTE chunk");
        }
        return PngSamples.of(header, palette);
    }

    private void decodePass(PngPixelData data, PngSamples samples, RgbImage image, int[] pass) throws UnreadableImage {
        int columns = (header.width() - pass[0] + pass[2] - 1) / pass[2];
        int rows = (header.height() - pass[1] + pass[3] - 1) / pass[3];
        if (columns < 1 || rows < 1) {
            return;
        }
        PngRows source = new PngRows(data, header.rowBytes(columns), header.filterBytes());
        for (int r = 0; r < rows; r++) {
            byte[] row = source.next();
            int first = (pass[1] + r * pass[3]) * header.width() + pass[0];
            samples.unpack(row, source.offset(), columns, image.rgb(), 3 * first, 3 * pass[2]);
        }
    }
}
