package sightline.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sightline.stage.v1.TensorChunk;

final class TensorChunksTest {
    private static final Sha256 MODEL = Sha256.of(new byte[]{1});
    private static final TensorSpec SPEC = new TensorSpec(List.of(576L, 1024L), ElementType.BFLOAT16, MODEL);

    private static byte[] bytes(TensorSpec spec) {
        var bytes = new byte[spec.byteLength()];
        new Random(5).nextBytes(bytes);
        return bytes;
    }

    private static List<TensorChunk> overTheWire(TensorSpec spec, byte[] bytes) throws InvalidProtocolBufferException {
        var chunks = new ArrayList<TensorChunk>();
        for (var split = TensorChunks.split(spec, ByteBuffer.wrap(bytes)); split.hasNext();)
            chunks.add(TensorChunk.parseFrom(split.next().toByteArray()));
        return chunks;
    }

    private static ByteBuffer assemble(TensorSpec promised, Sha256 sha256, List<TensorChunk> chunks)
            throws BrokenTensor {
        var assembler = new TensorAssembler(promised, sha256);
        for (TensorChunk chunk : chunks)
            assembler.accept(chunk);
        return assembler.finish();
    }

    @ParameterizedTest
    @CsvSource({"1,1,FLOAT32", "576,2048,BFLOAT16", "577,1024,FLOAT32", "131072,2,BFLOAT16"})
    void tensorArrivesByteForByte(long rows, long columns, ElementType type) throws Exception {
        var spec = new TensorSpec(List.of(rows, columns), type, MODEL);
        var bytes = bytes(spec);

        var chunks = overTheWire(spec, bytes);

        assertThat(assemble(spec, Sha256.of(bytes), chunks)).isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(chunks).hasSize(Math.ceilDiv(bytes.length, TensorChunks.CHUNK_BYTES));
    }

    private static void assertBroken(String what, UnaryOperator<TensorChunk.Builder> change) throws Exception {
        var bytes = bytes(SPEC);
        var chunks = overTheWire(SPEC, bytes);
        chunks.set(1, change.apply(chunks.get(1).toBuilder()).build());

        assertThatThrownBy(() -> assemble(SPEC, Sha256.of(bytes), chunks)).isInstanceOf(BrokenTensor.class)
                .hasMessageStartingWith(what);
    }

    @Test
    void whateverIsWrongWithAChunkIsNoticed() throws Exception {
        assertBroken("shape", c -> c.clearShape().addAllShape(List.of(577L, 1024L)));
        assertBroken("shape", c -> c.clearShape().addAllShape(List.of(576L * 1024)));
        assertBroken("dtype", c -> c.setDtype("float32"));
        assertBroken("model digest", c -> c.setModelDigest(Sha256.of(new byte[0]).hex()));
        assertBroken("offset", c -> c.setOffset(c.getOffset() + 2));
        assertBroken("offset", c -> c.setOffset(0));
        assertBroken("offset", c -> c.setOffset(-2));
        assertBroken("crc32c", c -> c.setData(flipped(c.getData())));
        assertBroken("chunk", TensorChunk.Builder::clearData);
        assertBroken("chunk", c -> c.setData(c.getData().concat(c.getData()).concat(c.getData())));
    }

    private static ByteString flipped(ByteString data) {
        var bytes = data.toByteArray();
        bytes[bytes.length / 2] ^= 1;
        return ByteString.copyFrom(bytes);
    }

    @Test
    void missingEndIsNoticed() throws Exception {
        var bytes = bytes(SPEC);
        var chunks = overTheWire(SPEC, bytes);

        assertThatThrownBy(() -> assemble(SPEC, Sha256.of(bytes), chunks.subList(0, chunks.size() - 1)))
                .isInstanceOf(BrokenTensor.class)
                .hasMessageContaining("expected: " + bytes.length);
    }

    @Test
    void otherBytesWithRightChecksumsAreNoticed() throws Exception {
        var other = bytes(SPEC);
        other[0]++;

        assertThatThrownBy(() -> assemble(SPEC, Sha256.of(bytes(SPEC)), overTheWire(SPEC, other)))
                .isInstanceOf(BrokenTensor.class)
                .hasMessageStartingWith("sha256");
    }

    @Test
    void shapesThatCannotBeAreRefusedBeforeRoomIsTaken() {
        for (var shape : List.of(List.of(0L, 4L), List.of(-1L), List.of(Long.MAX_VALUE, 2L), List.<Long>of(),
                List.of(1L << 25, 1L)))
            assertThatThrownBy(() -> new TensorSpec(shape, ElementType.FLOAT32, MODEL))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("shape");
    }
}
