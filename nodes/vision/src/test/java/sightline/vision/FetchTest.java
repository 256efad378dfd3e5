package sightline.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.TensorChunk;
import sightline.vision.store.Lease;
import sightline.vision.store.ProjectedTokens;
import sightline.wire.BrokenTensor;
import sightline.wire.ElementType;
import sightline.wire.ImageKey;
import sightline.wire.Sha256;
import sightline.wire.StatusMapping;
import sightline.wire.TensorAssembler;
import sightline.wire.TensorSpec;

/** Fetching over gRPC. */
@Timeout(60)
class FetchTest {
    /** More than gRPC buffers on the way. */
    private static final int ROWS = 1_000;
    private static final int COLUMNS = 2_048;

    private final VisionStage stage = VisionStage.of(FakeEncoder.running());

    @AfterEach
    void stop() {
        stage.close();
    }

    @Test
    void theBytesAreThoseOfTheTicket() throws BrokenTensor {
        var tokens = stage.store.put(large(), List.of(new Lease(0, 0)));
        var assembler = new TensorAssembler(tokens.spec(), tokens.sha256());

        var chunks = ImmutableList.copyOf(ProjectionGrpc.newBlockingStub(stage.channel).fetch(request(tokens)));
        for (TensorChunk chunk : chunks) {
            assembler.accept(chunk.toByteString().newInput());
        }

        assertThat(assembler.finish()).isEqualTo(tokens.bytes());
        assertThat(chunks.size()).isGreaterThan(1);
        assertThat(stage.metric("sightline_projected_bytes_total", "path", "direct")).isEqualTo(tokens.byteLength());
    }

    @Test
    void whatARelayTakesIsCountedApart() {
        var tokens = stage.store.put(large(), List.of(new Lease(0, 0)));

        ProjectionGrpc.newBlockingStub(stage.channel)
                .fetch(request(tokens).toBuilder().setRelay(true).build())
                .forEachRemaining(_ -> {});

        assertThat(stage.metric("sightline_projected_bytes_total", "path", "relay")).isEqualTo(tokens.byteLength());
        assertThat(stage.metric("sightline_projected_bytes_total", "path", "direct")).isZero();
    }

    @Test
    void whatIsNotHeldIsNotFound() {
        var tokens = large();
        assertRefused(request(tokens), "NOT_FOUND", "NOT_HELD");

        stage.store.put(tokens, List.of(new Lease(0, 0)));
        var other = Sha256.of(new byte[]{9});
        assertRefused(request(tokens).toBuilder().setSha256(other.byteString()).build(), "NOT_FOUND", "NOT_HELD");
    }

    @Test
    void anotherModelAndBrokenKeysAreRefused() {
        var request = request(large());
        assertRefused(request.toBuilder().setModelDigest("00").build(), "FAILED_PRECONDITION", "WRONG_MODEL");
        assertRefused(request.toBuilder().clearImageKey().build(), "INVALID_ARGUMENT", "BAD_MESSAGE");
        assertRefused(request.toBuilder().clearSha256().build(), "INVALID_ARGUMENT", "BAD_MESSAGE");
    }

    @Test
    void aReaderThatDoesNotReadGetsNoMoreThanAFewChunks() throws InterruptedException {
        var tokens = stage.store.put(large(), List.of(new Lease(0, 0)));
        var reader = new SlowReader();
        ProjectionGrpc.newStub(stage.channel).fetch(request(tokens), reader);
        reader.ask(1);
        List<TensorChunk> chunks = new ArrayList<>();
        chunks.add(reader.next());

        assertThat(stage.metric("sightline_projected_bytes_total", "path", "direct"))
                .isLessThan(tokens.byteLength());

        while (chunks.stream().mapToInt(chunk -> chunk.getData().size()).sum() < tokens.byteLength()) {
            reader.ask(1);
            chunks.add(reader.next());
        }
        assertThat(chunks.getLast().getOffset() + chunks.getLast().getData().size()).isEqualTo(tokens.byteLength());
    }

    private void assertRefused(FetchRequest request, String status, String reason) {
        assertThatThrownBy(() -> ProjectionGrpc.newBlockingStub(stage.channel).fetch(request).next())
                .isInstanceOf(StatusRuntimeException.class)
                .satisfies(error -> assertThat(StatusMapping.read(error)).hasValueSatisfying(received -> {
                    assertThat(received.status()).isEqualTo(status);
                    assertThat(received.reason()).hasValue(reason);
                }));
    }

    private static FetchRequest request(ProjectedTokens tokens) {
        return FetchRequest.newBuilder()
                .setImageKey(tokens.key().byteString())
                .setSha256(tokens.sha256().byteString())
                .setModelDigest(FakeEncoder.MODEL.hex())
                .build();
    }

    private static ProjectedTokens large() {
        var spec = new TensorSpec(List.of((long) ROWS, (long) COLUMNS), ElementType.FLOAT32, FakeEncoder.MODEL);
        byte[] bytes = new byte[spec.byteLength()];
        new Random(1).nextBytes(bytes);
        return new ProjectedTokens(new ImageKey(Sha256.of(new byte[]{7})), spec, bytes);
    }

    /** Takes a chunk only when it asks for one. */
    private static final class SlowReader implements ClientResponseObserver<FetchRequest, TensorChunk> {
        private final BlockingQueue<TensorChunk> chunks = new LinkedBlockingQueue<>();
        private final BlockingQueue<ClientCallStreamObserver<FetchRequest>> call = new LinkedBlockingQueue<>();

        @Override
        public void beforeStart(ClientCallStreamObserver<FetchRequest> requestStream) {
            requestStream.disableAutoRequestWithInitial(0);
            call.add(requestStream);
        }

        void ask(int count) throws InterruptedException {
            var stream = call.take();
            stream.request(count);
            call.add(stream);
        }

        TensorChunk next() throws InterruptedException {
            var chunk = chunks.poll(20, TimeUnit.SECONDS);
            if (chunk == null) {
                throw new AssertionError("no chunk within 20 s");
            }
            return chunk;
        }

        @Override
        public void onNext(TensorChunk chunk) {
            chunks.add(chunk);
        }

        @Override
        public void onError(Throwable error) {}

        @Override
        public void onCompleted() {}
    }
}
