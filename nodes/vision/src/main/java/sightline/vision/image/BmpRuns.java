package sightline.vision.image;

import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * The palette indices of a run-length coded BMP, in the file's order of rows; a file that leaves pixels out is refused,
 * as PIL refuses it.
 */
final class BmpRuns {
    private final PictureBytes bytes;
    private final boolean halfBytes;
    private final int width;
    private final byte[] indices;
    private long at;
    private int done;
    private int column;

    BmpRuns(PictureBytes bytes, BmpHeader header, int width, int height) {
        this.bytes = bytes;
        this.halfBytes = header.packing() == BmpHeader.Packing.RLE4;
        this.width = width;
        this.indices = new byte[width * height];
        this.at = header.pixels();
    }

    byte[] decode() throws UnreadableImage {
        while (done < indices.length) {
            int count = bytes.u8(at++);
            int value = bytes.u8(at++);
            if (count > 0) {
                run(Math.min(count, Math.max(0, width - column)), value);
            } else {
                escape(value);
            }
        }
        return indices;
    }

    private void run(int count, int value) {
        int written = Math.min(count, indices.length - done);
        for (int i = 0; i < written; i++) {
            indices[done++] = (byte) (halfBytes ? half(value, i) : value);
        }
        column += count;
    }

    private void escape(int code) throws UnreadableImage {
        switch (code) {
            case 0 -> endOfLine();
            case 1 -> throw UnreadableImage.truncated();
            case 2 -> skip();
            default -> literal(code);
        }
    }

    private void endOfLine() {
        done = (done + width - 1) / width * width;
        column = 0;
    }

    private void skip() throws UnreadableImage {
        long distance = bytes.u8(at) + (long) bytes.u8(at + 1) * width;
        at += 2;
        done = (int) Math.min(indices.length, done + distance);
        column = done % width;
    }

    private void literal(int count) throws UnreadableImage {
        int written = Math.min(count, indices.length - done);
        for (int i = 0; i < written; i++) {
            indices[done++] = (byte) (halfBytes ? half(bytes.u8(at + i / 2), i) : bytes.u8(at + i));
        }
        at += halfBytes ? (written + 1) / 2 : written;
        column += count;
        at += at % 2;
    }

    private static int half(int value, int i) {
        return i % 2 == 0 ? value >> 4 : value & 15;
    }
}
