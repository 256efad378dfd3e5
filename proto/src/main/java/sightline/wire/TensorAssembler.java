package sightline.wire;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.zip.CRC32C;

/**
 * Puts a tensor together from chunks, and hands it out only when every byte is the one that was promised.
 *
 * <p>Room is taken once, for the promised shape; what chunks claim allocates nothing, and their bytes are copied once,
 * from where the transport has them. For one thread.
 */
public final class TensorAssembler {
    private final TensorSpec promised;
    private final Sha256 sha256;
    private final byte[] bytes;
    private final MessageDigest digest = Sha256.digest();
    private int taken;

    /** Expects the tensor whose bytes hash to {@code sha256}. */
    public TensorAssembler(TensorSpec promised, Sha256 sha256) {
        this.promised = promised;
        this.sha256 = sha256;
        this.bytes = new byte[promised.byteLength()];
    }

    /**
     * Takes the next chunk.
     *
     * @param message the bytes of a {@code TensorChunk}, read to their end
     * @throws BrokenTensor when it is not the next chunk of the promised tensor
     */
    public void accept(InputStream message) throws BrokenTensor {
        var chunk = new ReceivedChunk(bytes, taken);
        try {
            chunk.read(message);
        } catch (IOException e) {
            throw new BrokenTensor("chunk: " + e.getMessage() + " (expected: a whole TensorChunk)");
        }
        expect("shape", promised.shape(), chunk.shape());
        expect("dtype", promised.type().wireName(), chunk.dtype());
        expect("model digest", promised.modelDigest().hex(), chunk.modelDigest());
        expect("offset", (long) taken, chunk.offset());
        if (chunk.length() == 0)
            throw new BrokenTensor(
                    "chunk: 0 bytes at offset " + taken + " (expected: 1.." + (bytes.length - taken) + ")");
        expect("crc32c", crc32c(chunk.length()), chunk.crc32c());
        digest.update(bytes, taken, chunk.length());
        taken += chunk.length();
    }

    private int crc32c(int length) {
        var crc = new CRC32C();
        crc.update(bytes, taken, length);
        return (int) crc.getValue();
    }

    /**
     * The whole tensor, position 0.
     *
     * @throws BrokenTensor when bytes are missing or not those that were promised
     */
    public ByteBuffer finish() throws BrokenTensor {
        if (taken < bytes.length)
            throw new BrokenTensor("tensor: " + taken + " bytes (expected: " + bytes.length + ")");
        expect("sha256", sha256, Sha256.fromBytes(digest.digest()));
        return ByteBuffer.wrap(bytes);
    }

    private static <T> void expect(String what, T expected, T got) throws BrokenTensor {
        if (!got.equals(expected))
            throw new BrokenTensor(what + ": " + got + " (expected: " + expected + ")");
    }
}
