package sightline.vision.image;

import sightline.image.ImageFormat;
import sightline.image.UnreadableImage;

/** The rows of one pass of a PNG with their filters undone (PNG specification, section 9). */
final class PngRows {
    private final PngPixelData data;
    private final int back;
    private final byte[] filter = new byte[1];
    private byte[] row;
    private byte[] above;

    /**
     * @param rowBytes bytes of a row without its filter byte
     * @param back how far the filters look back
     */
    PngRows(PngPixelData data, int rowBytes, int back) {
        this.data = data;
        this.back = back;
        // Each buffer begins with zeros that stand for the pixel left of the first one.
        this.row = new byte[rowBytes + back];
        this.above = new byte[rowBytes + back];
    }

    /** Where {@link #next} puts the first sample. */
    int offset() {
        return back;
    }

    /** The next row, valid until the next call. */
    byte[] next() throws UnreadableImage {
        data.read(filter, 0, 1);
        byte[] reused = above;
        above = row;
        row = reused;
        data.read(row, back, row.length - back);
        undo(filter[0]);
        return row;
    }

    private void undo(int filter) throws UnreadableImage {
        switch (filter) {
            case 0 -> {
                // the samples stand as they are
            }
            case 1 -> undoLeft();
            case 2 -> undoUp();
            case 3 -> undoAverage();
            case 4 -> undoPaeth();
            default -> throw UnreadableImage.damaged(ImageFormat.PNG, "filter " + filter, "0..4");
        }
    }

    private void undoLeft() {
        for (int i = back; i < row.length; i++) {
            row[i] += row[i - back];
        }
    }

    private void undoUp() {
        for (int i = back; i < row.length; i++) {
            row[i] += above[i];
        }
    }

    private void undoAverage() {
        for (int i = back; i < row.length; i++) {
            row[i] += (byte) (((row[i - back] & 0xff) + (above[i] & 0xff)) >> 1);
        }
    }

    private void undoPaeth() {
        for (int i = back; i < row.length; i++) {
            int left = row[i - back] & 0xff;
            int up = above[i] & 0xff;
            int upLeft = above[i - back] & 0xff;
            int toLeft = Math.abs(up - upLeft);
            int toUp = Math.abs(left - upLeft);
            int toUpLeft = Math.abs(left + up - 2 * upLeft);
            int nearest = toLeft <= toUp && toLeft <= toUpLeft ? left : toUp <= toUpLeft ? up : upLeft;
            row[i] += (byte) nearest;
        }
    }
}
