package sightline.language.stage;

import com.google.protobuf.UnsafeByteOperations;
import java.util.List;
import java.util.stream.IntStream;
import sightline.stage.v1.RowBytes;
import sightline.wire.TensorChunks;

/** The hidden rows of one batch as runs of bytes in order of offset, each with its checksum. */
final class RowChunks {
    private RowChunks() {}

    /** At least one. The bytes are not copied: they must not change any more. */
    static List<RowBytes> split(long batch, byte[] rows) {
        int count = Math.max(1, Math.ceilDiv(rows.length, TensorChunks.CHUNK_BYTES));
        return IntStream.range(0, count).mapToObj(i -> chunk(batch, rows, i * TensorChunks.CHUNK_BYTES)).toList();
    }

    private static RowBytes chunk(long batch, byte[] rows, int offset) {
        var data = UnsafeByteOperations.unsafeWrap(rows, offset,
                Math.min(TensorChunks.CHUNK_BYTES, rows.length - offset));
        return RowBytes.newBuilder()
                .setBatch(batch)
                .setOffset(offset)
                .setData(data)
                .setCrc32C(TensorChunks.crc32c(data))
                .build();
    }
}
