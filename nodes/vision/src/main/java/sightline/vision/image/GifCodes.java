package sightline.vision.image;

import sightline.image.ImageFormat;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * The palette indices of a GIF frame, unpacked (LZW of variable width, GIF89a appendix F) as far as they are asked for.
 *
 * <p>Every call's work is bounded by the pixels asked for and the bytes of the file.
 */
final class GifCodes {
    private static final int MAX_CODES = 4096;

    private final PictureBytes bytes;
    private final int clear;
    private final int smallestSize;
    private final int[] prefix = new int[MAX_CODES];
    private final byte[] last = new byte[MAX_CODES];
    private final byte[] string = new byte[MAX_CODES + 1];
    private int stringFrom = string.length;
    private int at;
    private int blockLeft;
    private int bits;
    private int bitCount;
    private int codeSize;
    private int next;
    private int previous;
    private boolean afterClear = true;
    private byte firstOfPrevious;

    /** @param offset of the code size byte that stands before the first sub-block */
    GifCodes(PictureBytes bytes, int offset) throws UnreadableImage {
        this.bytes = bytes;
        int literalBits = bytes.u8(offset);
        if (literalBits < 1 || literalBits > 8) {
            throw damaged();
        }
        this.at = offset + 1;
        this.clear = 1 << literalBits;
        this.smallestSize = literalBits + 1;
        this.codeSize = smallestSize;
        this.next = clear + 2;
    }

    /** Fills the row with the next indices. */
    void read(byte[] row) throws UnreadableImage {
        int done = 0;
        while (done < row.length) {
            if (stringFrom == string.length) {
                readString();
            }
            int count = Math.min(row.length - done, string.length - stringFrom);
            System.arraycopy(string, stringFrom, row, done, count);
            stringFrom += count;
            done += count;
        }
    }

    /** Reads codes until one stands for a string, and leaves that at the end of the string buffer. */
    private void readString() throws UnreadableImage {
        int code = readCode();
        while (code == clear) {
            codeSize = smallestSize;
            next = clear + 2;
            afterClear = true;
            code = readCode();
        }
        if (code == clear + 1) {
            throw UnreadableImage.truncated();
        }
        if (afterClear) {
            readFirst(code);
        } else {
            expand(code);
        }
    }

    private void readFirst(int code) throws UnreadableImage {
        if (code > clear) {
            throw damaged();
        }
        string[--stringFrom] = (byte) code;
        firstOfPrevious = (byte) code;
        previous = code;
        afterClear = false;
    }

    private void expand(int code) throws UnreadableImage {
        if (code > next) {
            throw damaged();
        }
        int rest = code;
        if (code == next) {
            string[--stringFrom] = firstOfPrevious;
            rest = previous;
        }
        while (rest >= clear) {
            string[--stringFrom] = last[rest];
            rest = prefix[rest];
        }
        string[--stringFrom] = (byte) rest;
        firstOfPrevious = (byte) rest;
        add();
        previous = code;
    }

    private void add() {
        if (next == MAX_CODES) {
            return;
        }
        last[next] = firstOfPrevious;
        prefix[next] = previous;
        if (next == (1 << codeSize) - 1 && codeSize < 12) {
            codeSize++;
        }
        next++;
    }

    private int readCode() throws UnreadableImage {
        while (bitCount < codeSize) {
            if (blockLeft == 0) {
                blockLeft = bytes.u8(at++);
                if (blockLeft == 0) {
                    throw UnreadableImage.truncated();
                }
            }
            bits |= bytes.u8(at++) << bitCount;
            bitCount += 8;
            blockLeft--;
        }
        int code = bits & ((1 << codeSize) - 1);
        bits >>>= codeSize;
        bitCount -= codeSize;
        return code;
    }

    private static UnreadableImage damaged() {
        return UnreadableImage.damaged(ImageFormat.GIF, "damaged pixel data", "a valid code stream");
    }
}
