package sightline.image;

/**
 * Bounds-checked reads from an encoded picture: reading past the end is an {@link UnreadableImage}, never a crash.
 *
 * <p>The array is not copied; nobody may write to it while a picture is read.
 */
public final class PictureBytes {
    private final byte[] bytes;

    public PictureBytes(byte[] bytes) {
        this.bytes = bytes;
    }

    public int length() {
        return bytes.length;
    }

    /** Whether the bytes at this offset are those of the text, one byte a character. */
    public boolean holds(int offset, String latin1) {
        if (offset < 0 || offset > bytes.length - latin1.length()) {
            return false;
        }
        for (int i = 0; i < latin1.length(); i++) {
            if ((bytes[offset + i] & 0xff) != latin1.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    public int u8(long offset) throws UnreadableImage {
        require(offset, 1);
        return bytes[(int) offset] & 0xff;
    }

    public int u16be(long offset) throws UnreadableImage {
        require(offset, 2);
        int at = (int) offset;
        return ((bytes[at] & 0xff) << 8) | (bytes[at + 1] & 0xff);
    }

    public int u16le(long offset) throws UnreadableImage {
        require(offset, 2);
        int at = (int) offset;
        return ((bytes[at + 1] & 0xff) << 8) | (bytes[at] & 0xff);
    }

    public int u24le(long offset) throws UnreadableImage {
        require(offset, 3);
        return u16le(offset) | u8(offset + 2) << 16;
    }

    public long u32be(long offset) throws UnreadableImage {
        return ((long) u16be(offset) << 16) | u16be(offset + 2);
    }

    public long u32le(long offset) throws UnreadableImage {
        return ((long) u16le(offset + 2) << 16) | u16le(offset);
    }

    /** The backing array itself: for decoders that checked their range with {@link #require}. */
    public byte[] array() {
        return bytes;
    }

    /** Refuses a range that does not lie within the file. */
    public void require(long offset, long length) throws UnreadableImage {
        if (offset < 0 || length < 0 || offset > bytes.length - length) {
            throw UnreadableImage.truncated();
        }
    }
}
