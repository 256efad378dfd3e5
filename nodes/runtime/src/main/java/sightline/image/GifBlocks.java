package sightline.image;

import java.util.OptionalInt;

/** Finds the blocks of a GIF file by its length bytes alone; nothing is decoded. */
public final class GifBlocks {
    private static final int HEADER_BYTES = 13;
    private static final int EXTENSION = 0x21;
    private static final int IMAGE = 0x2c;
    private static final int TRAILER = 0x3b;
    private static final int GRAPHIC_CONTROL = 0xf9;

    private GifBlocks() {}

    /** The offset of the first image descriptor (its 0x2c byte). */
    public static int firstFrame(PictureBytes bytes) throws UnreadableImage {
        int at = firstBlock(bytes);
        while (true) {
            switch (bytes.u8(at)) {
                case IMAGE -> {
                    return at;
                }
                case EXTENSION -> at = afterSubBlocks(bytes, at + 2);
                case TRAILER ->
                        throw UnreadableImage.damaged(ImageFormat.GIF, "no picture in it", "at least one frame");
                default -> at++;
            }
        }
    }

    /** The transparent palette index that the first frame's graphic control names, or nothing. */
    public static OptionalInt transparentIndex(PictureBytes bytes, int firstFrame) throws UnreadableImage {
        OptionalInt transparent = OptionalInt.empty();
        int at = firstBlock(bytes);
        while (at < firstFrame) {
            if (bytes.u8(at) != EXTENSION) {
                at++;
                continue;
            }
            if (bytes.u8(at + 1L) == GRAPHIC_CONTROL && bytes.u8(at + 2L) >= 4 && (bytes.u8(at + 3L) & 1) != 0) {
                transparent = OptionalInt.of(bytes.u8(at + 6L));
            }
            at = afterSubBlocks(bytes, at + 2);
        }
        return transparent;
    }

    /** The offset behind a run of sub-blocks and its terminator. */
    public static int afterSubBlocks(PictureBytes bytes, int offset) throws UnreadableImage {
        int at = offset;
        int length = bytes.u8(at);
        while (length != 0) {
            at += length + 1;
            length = bytes.u8(at);
        }
        return at + 1;
    }

    private static int firstBlock(PictureBytes bytes) throws UnreadableImage {
        int flags = bytes.u8(10);
        boolean hasPalette = (flags & 0x80) != 0;
        return HEADER_BYTES + (hasPalette ? 3 << ((flags & 7) + 1) : 0);
    }
}
