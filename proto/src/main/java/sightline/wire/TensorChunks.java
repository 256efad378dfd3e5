package sightline.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.zip.CRC32C;
import sightline.stage.v1.TensorChunk;

/**
 * The bytes of one tensor as chunks in order of offset, made one at a time as they are asked for.
 *
 * <p>The bytes are not copied, until the transport does it once: they must not change while chunks are in use. For one
 * thread.
 */
public final class TensorChunks implements Iterator<TensorChunk> {
    /** Small enough to give way to other streams on the connection, large enough that framing costs nothing. */
    public static final int CHUNK_BYTES = 512 << 10;

    private final TensorSpec spec;
    private final byte[] bytes;
    private int offset;

    private TensorChunks(TensorSpec spec, byte[] bytes) {
        this.spec = spec;
        this.bytes = bytes;
    }

    /** Chunks of {@code bytes}: little-endian, row by row. */
    public static TensorChunks split(TensorSpec spec, byte[] bytes) {
        if (bytes.length != spec.byteLength())
            throw new IllegalArgumentException("bytes: " + bytes.length + " (expected: " + spec.byteLength() + ")");
        return new TensorChunks(spec, bytes);
    }

    @Override
    public boolean hasNext() {
        return offset < bytes.length;
    }

    @Override
    public TensorChunk next() {
        if (!hasNext())
            throw new NoSuchElementException();
        int length = Math.min(CHUNK_BYTES, bytes.length - offset);
        var crc = new CRC32C();
        crc.update(bytes, offset, length);
        var chunk = TensorChunk.newBuilder()
                .addAllShape(spec.shape())
                .setDtype(spec.type().wireName())
                .setModelDigest(spec.modelDigest().hex())
                .setOffset(offset)
                .setCrc32C((int) crc.getValue())
                .setData(UnsafeByteOperations.unsafeWrap(bytes, offset, length))
                .build();
        offset += length;
        return chunk;
    }

    /** Checksum of a chunk. */
    public static int crc32c(ByteString data) {
        var crc = new CRC32C();
        data.asReadOnlyByteBufferList().forEach(crc::update);
        return (int) crc.getValue();
    }
}
