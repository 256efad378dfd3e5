package sightline.vision.image.vp8;

import java.util.Arrays;

/**
 * The modes of the macroblocks, read one after the other in raster order (RFC 6386, sections 10 and 11).
 *
 * <p>After {@link #read} the accessors tell about that macroblock.
 */
final class Modes {
    private final BoolReader reader;
    private final FrameHeader header;
    private final byte[] probabilities = Tables.subblockModes();
    private final Mode[] above;
    private final Mode[] left = new Mode[4];
    private final Mode[] subblocks = new Mode[16];
    private int segment;
    private boolean skipped;
    private boolean split;
    private Mode luma = Mode.DC;
    private Mode chroma = Mode.DC;

    Modes(BoolReader reader, FrameHeader header, int macroblockColumns) {
        this.reader = reader;
        this.header = header;
        this.above = new Mode[4 * macroblockColumns];
        Arrays.fill(above, Mode.DC);
        beginRow();
    }

    void beginRow() {
        Arrays.fill(left, Mode.DC);
    }

    void read(int column) {
        segment = header.segmentTree().length == 0 ? 0 : readSegment(header.segmentTree());
        skipped = header.skip() && reader.bit(header.skipProbability()) == 1;
        split = reader.bit(145) == 0;
        if (split) {
            readSubblocks(4 * column);
        } else {
            luma = readLuma();
            Arrays.fill(above, 4 * column, 4 * column + 4, luma);
            Arrays.fill(left, luma);
        }
        chroma = readChroma();
    }

    private int readSegment(int[] tree) {
        return reader.bit(tree[0]) == 0 ? reader.bit(tree[1]) : 2 + reader.bit(tree[2]);
    }

    private Mode readLuma() {
        if (reader.bit(156) == 1) {
            return reader.bit(128) == 1 ? Mode.TRUE_MOTION : Mode.HORIZONTAL;
        }
        return reader.bit(163) == 1 ? Mode.VERTICAL : Mode.DC;
    }

    private Mode readChroma() {
        if (reader.bit(142) == 0) {
            return Mode.DC;
        }
        if (reader.bit(114) == 0) {
            return Mode.VERTICAL;
        }
        return reader.bit(183) == 1 ? Mode.TRUE_MOTION : Mode.HORIZONTAL;
    }

    private void readSubblocks(int firstColumn) {
        for (int y = 0; y < 4; y++) {
            for (int x = 0; x < 4; x++) {
                Mode mode = readSubblock(9 * (10 * above[firstColumn + x].number() + left[y].number()));
                above[firstColumn + x] = mode;
                left[y] = mode;
                subblocks[4 * y + x] = mode;
            }
        }
    }

    /** Walks down the tree of 4x4 modes, whose inner nodes have the nine probabilities from {@code p} on. */
    private Mode readSubblock(int p) {
        if (isLeft(p)) {
            return Mode.DC;
        }
        if (isLeft(p + 1)) {
            return Mode.TRUE_MOTION;
        }
        if (isLeft(p + 2)) {
            return Mode.VERTICAL;
        }
        if (isLeft(p + 3)) {
            if (isLeft(p + 4)) {
                return Mode.HORIZONTAL;
            }
            return isLeft(p + 5) ? Mode.DOWN_RIGHT : Mode.VERTICAL_RIGHT;
        }
        if (isLeft(p + 6)) {
            return Mode.DOWN_LEFT;
        }
        if (isLeft(p + 7)) {
            return Mode.VERTICAL_LEFT;
        }
        return isLeft(p + 8) ? Mode.HORIZONTAL_DOWN : Mode.HORIZONTAL_UP;
    }

    private boolean isLeft(int p) {
        return reader.bit(probabilities[p] & 0xff) == 0;
    }

    int segment() {
        return segment;
    }

    /** Whether the macroblock says that it has no coefficients. */
    boolean skipped() {
        return skipped;
    }

    /** Whether luma is predicted in 4x4 blocks, each with a mode of its own. */
    boolean split() {
        return split;
    }

    /** The mode of the whole luma block, when it is not split. */
    Mode luma() {
        return luma;
    }

    /** The mode of a 4x4 luma block, when it is split. */
    Mode subblock(int number) {
        return subblocks[number];
    }

    Mode chroma() {
        return chroma;
    }
}
