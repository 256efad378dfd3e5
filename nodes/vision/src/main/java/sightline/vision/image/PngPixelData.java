package sightline.vision.image;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import sightline.image.ImageFormat;
import sightline.image.PictureBytes;
import sightline.image.UnreadableImage;

/**
 * The inflated bytes of a PNG's consecutive IDAT chunks, read to the caller's measure: what a row needs and no more.
 *
 * <p>Begins with the cursor on the first IDAT chunk and leaves it on the last one used.
 */
final class PngPixelData implements AutoCloseable {
    private final PictureBytes bytes;
    private final PngChunks chunks;
    private final Inflater inflater = new Inflater();

    PngPixelData(PictureBytes bytes, PngChunks chunks) {
        this.bytes = bytes;
        this.chunks = chunks;
        feed();
    }

    /** Fills count bytes of the buffer. */
    void read(byte[] buffer, int from, int count) throws UnreadableImage {
        int done = 0;
        while (done < count) {
            int got = inflate(buffer, from + done, count - done);
            done += got;
            if (got == 0) {
                nextChunk();
            }
        }
    }

    private int inflate(byte[] buffer, int from, int count) throws UnreadableImage {
        try {
            return inflater.inflate(buffer, from, count);
        } catch (DataFormatException _) {
            throw UnreadableImage.damaged(ImageFormat.PNG, "damaged pixel data", "a valid deflate stream");
        }
    }

    private void nextChunk() throws UnreadableImage {
        if (inflater.finished() || inflater.needsDictionary()) {
            throw UnreadableImage.truncated();
        }
        chunks.next();
        if (!chunks.is("IDAT")) {
            throw UnreadableImage.truncated();
        }
        feed();
    }

    private void feed() {
        inflater.setInput(bytes.array(), chunks.offset(), chunks.length());
    }

    @Override
    public void close() {
        inflater.close();
    }
}
