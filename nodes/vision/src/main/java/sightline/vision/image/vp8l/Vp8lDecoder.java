package sightline.vision.image.vp8l;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import sightline.image.ImageFormat;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/** Decodes a lossless picture to ints of alpha, red, green and blue; four bytes a pixel of memory, eight with a palette. */
public final class Vp8lDecoder {
    private static final int SIGNATURE = 0x2f;
    private static final Kind[] KINDS = Kind.values();

    private enum Kind {
        PREDICTED, CROSS_COLOUR, SUBTRACTED_GREEN, PALETTE
    }

    private final BitReader reader;
    private final int height;
    private final Deque<Transform> transforms = new ArrayDeque<>();
    /** The width of the pixels as they are coded: less than the picture's once palette indices are packed. */
    private int width;

    private Vp8lDecoder(BitReader reader, int width, int height) {
        this.reader = reader;
        this.width = width;
        this.height = height;
    }

    /**
     * Decodes one picture.
     *
     * @param offset of the coded picture in the file
     * @param width that it must have
     * @return [height, width] argb
     */
    public static int[] decode(PictureBytes bytes, int offset, int length, int width, int height)
            throws UnreadableImage {
        BitReader reader = new BitReader(bytes, offset, length);
        boolean known = reader.number(8) == SIGNATURE;
        int codedWidth = reader.number(14) + 1;
        int codedHeight = reader.number(14) + 1;
        reader.flag(); // whether alpha is used: it is dropped anyway
        if (!known || codedWidth != width || codedHeight != height || reader.number(3) != 0) {
            throw UnreadableImage.damaged(ImageFormat.WEBP, "another lossless header",
                    "version 0, the container's size");
        }
        return new Vp8lDecoder(reader, width, height).decode();
    }

    private int[] decode() throws UnreadableImage {
        readTransforms();
        int[] pixels = PixelReader.read(reader, width, height, true);
        for (Transform transform : transforms) {
            pixels = transform.undo(pixels);
        }
        return pixels;
    }

    private void readTransforms() throws UnreadableImage {
        Set<Kind> seen = EnumSet.noneOf(Kind.class);
        while (reader.flag()) {
            reader.requireNotExhausted();
            Kind kind = KINDS[reader.number(2)];
            if (!seen.add(kind)) {
                throw BitReader.damaged();
            }
            transforms.addFirst(readTransform(kind));
        }
    }

    private Transform readTransform(Kind kind) throws UnreadableImage {
        return switch (kind) {
            case PREDICTED -> {
                int bits = 2 + reader.number(3);
                yield new Predicted(readSquares(bits), bits, width);
            }
            case CROSS_COLOUR -> {
                int bits = 2 + reader.number(3);
                yield new Transform.CrossColour(readSquares(bits), bits, width);
            }
            case SUBTRACTED_GREEN -> new Transform.SubtractedGreen();
            case PALETTE -> readPalette();
        };
    }

    private int[] readSquares(int bits) throws UnreadableImage {
        return PixelReader.read(reader, squares(width, bits), squares(height, bits), false);
    }

    private Transform readPalette() throws UnreadableImage {
        int count = 1 + reader.number(8);
        int bits = count > 16 ? 0 : count > 4 ? 1 : count > 2 ? 2 : 3;
        int[] colours = PixelReader.read(reader, count, 1, false);
        for (int i = 1; i < count; i++) {
            colours[i] = Predicted.sum(colours[i], colours[i - 1]);
        }
        Transform palette = new Transform.Palette(colours, bits, width, height);
        width = squares(width, bits);
        return palette;
    }

    /** How many squares of 2 to the power of bits cover this length. */
    static int squares(int length, int bits) {
        return (length + (1 << bits) - 1) >> bits;
    }
}
