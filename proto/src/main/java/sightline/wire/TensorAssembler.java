package sightline.wire;

import java.nio.ByteBuffer;
import sightline.stage.v1.TensorChunk;

/**
 * Puts a tensor together from chunks, and hands it out only when every byte is the one that was promised.
 *
 * <p>Room is taken once, for the promised shape; what chunks claim allocates nothing. For one thread.
 */
public final class TensorAssembler {
    private final TensorSpec promised;
    private final Sha256 sha256;
    private final ByteBuffer bytes;

    /** Expects the tensor whose bytes hash to {@code sha256}. */
    public TensorAssembler(TensorSpec promised, Sha256 sha256) {
        this.promised = promised;
        this.sha256 = sha256;
        this.bytes = ByteBuffer.allocate(promised.byteLength());
    }

    /**
     * Takes the next chunk.
     *
     * @throws BrokenTensor when it is not the next chunk of the promised tensor
     */
    public void accept(TensorChunk chunk) throws BrokenTensor {
        expect("shape", promised.shape(), chunk.getShapeList());
        expect("dtype", promised.type().wireName(), chunk.getDtype());
        expect("model digest", promised.modelDigest().hex(), chunk.getModelDigest());
        expect("offset", (long) bytes.position(), chunk.getOffset());
        if (chunk.getData().size() > bytes.remaining() || chunk.getData().isEmpty())
            throw new BrokenTensor("chunk: " + chunk.getData().size() + " bytes at offset " + bytes.position()
                    + " (expected: 1.." + bytes.remaining() + ")");
        expect("crc32c", TensorChunks.crc32c(chunk.getData()), chunk.getCrc32C());
        chunk.getData().copyTo(bytes);
    }

    /**
     * The whole tensor, position 0.
     *
     * @throws BrokenTensor when bytes are missing or not those that were promised
     */
    public ByteBuffer finish() throws BrokenTensor {
        if (bytes.hasRemaining())
            throw new BrokenTensor("tensor: " + bytes.position() + " bytes (expected: " + bytes.capacity() + ")");
        expect("sha256", sha256, Sha256.of(bytes.array()));
        return ByteBuffer.wrap(bytes.array());
    }

    private static <T> void expect(String what, T expected, T got) throws BrokenTensor {
        if (!got.equals(expected))
            throw new BrokenTensor(what + ": " + got + " (expected: " + expected + ")");
    }
}
