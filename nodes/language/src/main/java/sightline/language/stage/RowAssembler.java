package sightline.language.stage;

import java.nio.ByteBuffer;
import sightline.stage.v1.RowBytes;
import sightline.wire.TensorChunks;

/**
 * Puts the hidden rows of one batch together, and hands them out only when every byte is there and unharmed.
 *
 * <p>Room is taken once, for the rows that the batch has; what chunks claim allocates nothing. For one thread at a time.
 */
final class RowAssembler {
    private final long batch;
    private final ByteBuffer rows;
    private boolean begun;

    /** @param bytes of all rows */
    RowAssembler(long batch, int bytes) {
        this.batch = batch;
        this.rows = ByteBuffer.allocate(bytes);
    }

    /**
     * Takes the next run of bytes.
     *
     * @throws BrokenLink when it is not the next one of this batch
     */
    void accept(RowBytes chunk) throws BrokenLink {
        expect("batch", batch, chunk.getBatch());
        expect("offset", (long) rows.position(), chunk.getOffset());
        if (chunk.getData().size() > rows.remaining()) {
            throw new BrokenLink("rows: " + (rows.position() + (long) chunk.getData().size()) + " bytes (expected: "
                    + rows.capacity() + ")");
        }
        expect("crc32c", TensorChunks.crc32c(chunk.getData()), chunk.getCrc32C());
        chunk.getData().copyTo(rows);
        begun = true;
    }

    boolean isWhole() {
        return begun && !rows.hasRemaining();
    }

    /** All of them, once they are whole. */
    byte[] rows() {
        return rows.array();
    }

    private static <T> void expect(String what, T expected, T got) throws BrokenLink {
        if (!got.equals(expected)) {
            throw new BrokenLink(what + ": " + got + " (expected: " + expected + ")");
        }
    }
}
