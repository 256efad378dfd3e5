package sightline.vision.image.vp8;

import java.util.ArrayList;
import java.util.List;
import sightline.image.ImageFormat;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * Decodes a key frame of VP8 to RGB with libwebp's bits; a frame that ends too early is refused, as libwebp refuses it.
 *
 * <p>In three passes over whole planes: predict and add what is coded, filter, convert. Memory is 1.5 bytes a pixel
 * beside the result.
 */
public final class Vp8Decoder {
    private static final int FRAME_HEADER_BYTES = 10;

    private final int width;
    private final int height;
    private final FrameHeader header;
    private final BoolReader modeReader;
    private final List<BoolReader> coefficientReaders;
    private final Modes modes;
    private final Residuals residuals;
    private final Plane luma;
    private final Plane[] chroma;
    /** By macroblock: its segment, whether its luma is split, and whether its inner edges are filtered. */
    private final byte[] filtering;

    private Vp8Decoder(PictureBytes bytes, int offset, int length, int width, int height) throws UnreadableImage {
        this.width = width;
        this.height = height;
        int first = offset + FRAME_HEADER_BYTES;
        int firstLength = bytes.u24le(offset) >> 5;
        int end = offset + length;
        if (firstLength > end - first) {
            throw UnreadableImage.truncated();
        }
        modeReader = new BoolReader(bytes.array(), first, firstLength);
        header = FrameHeader.read(modeReader);
        coefficientReaders = partitions(bytes, first + firstLength, end, header.partitions());
        modes = new Modes(modeReader, header, columns());
        residuals = new Residuals(header.coefficients(), columns());
        luma = new Plane(16 * columns(), 16 * rows());
        chroma = new Plane[]{new Plane(8 * columns(), 8 * rows()), new Plane(8 * columns(), 8 * rows())};
        filtering = new byte[columns() * rows()];
    }

    /**
     * Decodes one frame.
     *
     * @param offset of the frame in the file
     * @param width that the frame must have
     * @return [height, width, 3] uint8
     */
    public static byte[] decode(PictureBytes bytes, int offset, int length, int width, int height)
            throws UnreadableImage {
        bytes.require(offset, Math.max(length, FRAME_HEADER_BYTES));
        boolean keyFrame = (bytes.u8(offset) & 1) == 0 && bytes.holds(offset + 3, "\u009d\u0001*");
        boolean shown = (bytes.u8(offset) & 0x10) != 0;
        if (!keyFrame || !shown) {
            throw damaged("no key frame", "one that is shown");
        }
        if ((bytes.u16le(offset + 6L) & 0x3fff) != width || (bytes.u16le(offset + 8L) & 0x3fff) != height) {
            throw damaged("two sizes", "the same in frame and container");
        }
        return new Vp8Decoder(bytes, offset, length, width, height).decode();
    }

    private static List<BoolReader> partitions(PictureBytes bytes, int from, int end, int count)
            throws UnreadableImage {
        int at = from + 3 * (count - 1);
        if (at >= end) {
            throw UnreadableImage.truncated();
        }
        List<BoolReader> readers = new ArrayList<>();
        for (int p = 0; p < count; p++) {
            int left = end - at;
            int length = p == count - 1 ? left : Math.min(left, bytes.u24le(from + 3L * p));
            readers.add(new BoolReader(bytes.array(), at, length));
            at += length;
        }
        return readers;
    }

    private int columns() {
        return (width + 15) / 16;
    }

    private int rows() {
        return (height + 15) / 16;
    }

    private byte[] decode() throws UnreadableImage {
        for (int row = 0; row < rows(); row++) {
            BoolReader reader = coefficientReaders.get(row % coefficientReaders.size());
            modes.beginRow();
            residuals.beginRow();
            for (int column = 0; column < columns(); column++) {
                readMacroblock(reader, column, row);
            }
            if (modeReader.exhausted() || reader.exhausted()) {
                throw UnreadableImage.truncated();
            }
        }
        filter();
        return new Colours(luma, chroma[0], chroma[1], width, height).toRgb();
    }

    private void readMacroblock(BoolReader reader, int column, int row) {
        modes.read(column);
        boolean coded = !modes.skipped();
        if (coded) {
            FrameHeader.Quantizer steps = header.segments()[modes.segment()].quantizer();
            coded = residuals.read(reader, steps, column, modes.split());
        } else {
            residuals.skip(column, modes.split());
        }
        int flags = modes.segment() | (modes.split() ? 4 : 0) | (modes.split() || coded ? 8 : 0);
        filtering[row * columns() + column] = (byte) flags;
        predictLuma(column, row, coded);
        for (int p = 0; p < chroma.length; p++) {
            Prediction.whole(chroma[p], modes.chroma(), 8, column, row);
            for (int block = 0; block < 4 && coded; block++) {
                int at = chroma[p].at(8 * column + block % 2 * 4, 8 * row + block / 2 * 4);
                Transforms.add(residuals.coefficients(), 16 * (16 + 4 * p + block), chroma[p], at);
            }
        }
    }

    private void predictLuma(int column, int row, boolean coded) {
        if (!modes.split()) {
            Prediction.whole(luma, modes.luma(), 16, column, row);
        }
        int[] edge = new int[13];
        for (int block = 0; block < 16; block++) {
            int at = luma.at(16 * column + block % 4 * 4, 16 * row + block / 4 * 4);
            if (modes.split()) {
                readEdge(at, block, column, row, edge);
                Prediction.subblock(luma, modes.subblock(block), at, edge);
            }
            if (coded) {
                Transforms.add(residuals.coefficients(), 16 * block, luma, at);
            }
        }
    }

    /** The blocks of the right column all see the samples above the next macroblock; beyond the picture the last one repeats. */
    private void readEdge(int at, int block, int column, int row, int[] edge) {
        for (int i = 0; i < 4; i++) {
            edge[i] = luma.get(at + (3 - i) * luma.stride() - 1);
        }
        for (int i = 4; i < 9; i++) {
            edge[i] = luma.get(at - luma.stride() + i - 5);
        }
        boolean rightColumn = block % 4 == 3;
        int next = rightColumn ? luma.at(16 * column + 16, 16 * row - 1) : at - luma.stride() + 4;
        boolean beyond = rightColumn && column == columns() - 1;
        for (int i = 0; i < 4; i++) {
            edge[9 + i] = beyond ? row == 0 ? 127 : luma.get(next - 1) : luma.get(next + i);
        }
    }

    private void filter() {
        LoopFilter filter = new LoopFilter(header.filter(), luma, chroma);
        LoopFilter.Strength[] strengths = new LoopFilter.Strength[8];
        for (int i = 0; i < strengths.length; i++) {
            strengths[i] = filter.strength(header.segments()[i & 3].filterLevel(), (i & 4) != 0);
        }
        for (int row = 0; row < rows(); row++) {
            for (int column = 0; column < columns(); column++) {
                int flags = filtering[row * columns() + column];
                filter.apply(strengths[flags & 7], column, row, (flags & 8) != 0);
            }
        }
    }

    private static UnreadableImage damaged(String got, String expected) {
        return UnreadableImage.damaged(ImageFormat.WEBP, got, expected);
    }
}
