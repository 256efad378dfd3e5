package sightline.vision.store;

import java.nio.ByteBuffer;
import sightline.wire.ImageKey;
import sightline.wire.Sha256;
import sightline.wire.TensorChunks;
import sightline.wire.TensorSpec;

/** The projected tokens of one picture as plain bytes, with their hash; they never change. */
public final class ProjectedTokens {
    private final ImageKey key;
    private final TensorSpec spec;
    private final byte[] bytes;
    private final Sha256 sha256;

    /** @param bytes little-endian, row by row; nobody may write to them any more */
    public ProjectedTokens(ImageKey key, TensorSpec spec, byte[] bytes) {
        if (bytes.length != spec.byteLength()) {
            throw new IllegalArgumentException("bytes: " + bytes.length + " (expected: " + spec.byteLength() + ")");
        }
        this.key = key;
        this.spec = spec;
        this.bytes = bytes;
        this.sha256 = Sha256.of(bytes);
    }

    public ImageKey key() {
        return key;
    }

    public TensorSpec spec() {
        return spec;
    }

    /** For the way to whoever fetches them; copies nothing. */
    public TensorChunks chunks() {
        return TensorChunks.split(spec, bytes);
    }

    /** A read-only view from the first byte on. */
    public ByteBuffer bytes() {
        return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
    }

    public int byteLength() {
        return bytes.length;
    }

    public Sha256 sha256() {
        return sha256;
    }
}
