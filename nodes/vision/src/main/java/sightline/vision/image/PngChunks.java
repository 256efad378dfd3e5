package sightline.vision.image;

import java.util.zip.CRC32;
import sightline.image.ImageFormat;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/** A cursor over the chunks of a PNG file; chunks are skipped by their length, never unpacked. */
final class PngChunks {
    private static final int FIRST_CHUNK = 8;

    private final PictureBytes bytes;
    private long next = FIRST_CHUNK;
    private int typeAt;
    private int length;

    PngChunks(PictureBytes bytes) {
        this.bytes = bytes;
    }

    /** Moves on to the next chunk. */
    void next() throws UnreadableImage {
        long claimed = bytes.u32be(next);
        typeAt = Math.toIntExact(next + 4);
        bytes.require(typeAt, claimed + 8);
        length = (int) claimed;
        next = typeAt + claimed + 8;
    }

    /** Whether a further chunk's length and type lie within the file. */
    boolean hasNext() {
        return next + 12 <= bytes.length();
    }

    boolean is(String type) {
        return bytes.holds(typeAt, type);
    }

    /** Where this chunk's data begins in the file. */
    int offset() {
        return typeAt + 4;
    }

    int length() {
        return length;
    }

    void requireChecksum() throws UnreadableImage {
        CRC32 crc = new CRC32();
        crc.update(bytes.array(), typeAt, length + 4);
        if (crc.getValue() != bytes.u32be(typeAt + 4L + length)) {
            throw UnreadableImage.damaged(ImageFormat.PNG, "a wrong checksum", "an undamaged file");
        }
    }
}
