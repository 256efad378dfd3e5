package sightline.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
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
        for (var split = TensorChunks.split(spec, bytes); split.hasNext();)
            chunks.add(TensorChunk.parseFrom(split.next().toByteArray()));
        return chunks;
    }

    private static ByteBuffer assemble(TensorSpec promised, Sha256 sha256, List<TensorChunk> chunks)
            throws BrokenTensor {
        var assembler = new TensorAssembler(promised, sha256);
        for (TensorChunk chunk : chunks)
            assembler.accept(chunk.toByteString().newInput());
        return assembler.finish();
    }

    @ParameterizedTest
    @CsvSource({"1,1,FLOAT32", "576,2048,BFLOAT16", "577,1024,FLOAT32", "131072,2,BFLOAT16"})
    void tensorArrivesByteForByte(long rows, long columns, ElementType type) throws Exception {
        var spec = new TensorSpec(List.of(rows, columns), type, MODEL);
        var bytes = bytes(spec);

        var chunks = overTheWire(spec, bytes);

        assertThat(assemble(spec, Sha256.of(bytes), chunks)).isEqualTo(ByteBuffer.wrap(bytes));
        assertThat(chunks).hasSize(Math.ceilDiv(bytes.length, TensorChunks.CHUNK_BYTES))
                .allMatch(chunk -> chunk.getCrc32C() == TensorChunks.crc32c(chunk.getData()));
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
    void aChunkIsReadAsProtobufReadsIt() throws Exception {
        var bytes = bytes(SPEC);
        var chunk = overTheWire(SPEC, bytes).getFirst();
        var laterField = UnknownFieldSet.newBuilder()
                .addField(90, UnknownFieldSet.Field.newBuilder()
                        .addVarint(-1)
                        .addFixed32(3)
                        .addFixed64(4)
                        .addLengthDelimited(ByteString.copyFrom(new byte[300]))
                        .build())
                .build();
        var whole = chunk.toBuilder().setUnknownFields(laterField).build().toByteString();
        var reordered = chunk.toBuilder()
                .clearShape()
                .clearOffset()
                .build()
                .toByteString()
                .concat(
                        TensorChunk.newBuilder().addAllShape(chunk.getShapeList()).build().toByteString());
        var unpacked = ByteString.copyFrom(new byte[]{8, (byte) 0xC0, 4, 8, (byte) 0x80, 8})
                .concat(chunk.toBuilder().clearShape().build().toByteString());
        for (var message : List.of(whole, reordered, unpacked)) {
            assertThat(TensorChunk.parseFrom(message)
                    .toBuilder()
                    .setUnknownFields(UnknownFieldSet.getDefaultInstance())
                    .build()).isEqualTo(chunk);
            new TensorAssembler(SPEC, Sha256.of(bytes)).accept(message.newInput());
        }
    }

    @Test
    void whatIsNoWholeChunkIsNoticed() throws Exception {
        var spec = new TensorSpec(List.of(40L, 16L), ElementType.BFLOAT16, MODEL);
        var bytes = bytes(spec);
        var whole = overTheWire(spec, bytes).getFirst().toByteArray();
        var random = new Random(6);
        for (int length = 0; length < whole.length; length++)
            assertRefused(spec, Arrays.copyOf(whole, length));
        for (int i = 0; i < 5_000; i++) {
            var noise = new byte[1 + random.nextInt(200)];
            random.nextBytes(noise);
            assertRefused(spec, noise);
        }
    }

    private static void assertRefused(TensorSpec spec, byte[] message) {
        var assembler = new TensorAssembler(spec, MODEL);
        assertThatThrownBy(() -> assembler.accept(new ByteArrayInputStream(message))).isInstanceOf(BrokenTensor.class);
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
