package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sightline.language.model.Batch;
import sightline.language.model.Prompt;
import sightline.stage.v1.Begin;
import sightline.stage.v1.GenerateEvent.EventCase;
import sightline.wire.ElementType;
import sightline.wire.Endpoint;
import sightline.wire.Sha256;
import sightline.wire.TensorSpec;

/** How projected tokens come from vision nodes, and what happens where they do not. */
class FetchedImagesTest {
    private static final Sha256 DIGEST = Sha256.of(new byte[]{1});
    private static final int IMAGE_TOKEN = 99;
    private static final ServedShape SERVED = new ServedShape(DIGEST, FakeRunner.VOCABULARY, 4, IMAGE_TOKEN, 2, 200);
    private static final Begins BEGINS = new Begins(SERVED);
    private static final TensorSpec SPEC = new TensorSpec(List.of(2L, 4L), ElementType.FLOAT32, DIGEST);
    private static final Endpoint NOBODY = new Endpoint("nobody", 1);

    private final ProjectionServer vision = new ProjectionServer();
    private final AtomicReference<Prompt> seen = new AtomicReference<>();
    private final FakeRunner runner = new FakeRunner() {
        @Override
        List<float[]> compute(Batch batch) {
            batch.prompts().forEach(span -> seen.set(span.prompt()));
            return super.compute(batch);
        }
    };

    @AfterEach
    void stopVision() {
        vision.close();
    }

    @Test
    void comeFromTheFirstEndpointThatHasThem() {
        var bytes = rows(1.5f);
        vision.hold(Sha256.of(bytes), SPEC, bytes);
        try (var node = node(); var empty = new ProjectionServer()) {
            var begin = request(Sha256.of(bytes), NOBODY, empty.endpoint, vision.endpoint);
            RouterStream.open(node.stub).begin(begin).ended();
            assertThat(empty.fetches.get()).isEqualTo(1);
            assertThat(vision.fetches.get()).isEqualTo(1);
            assertThat(seen.get().length()).isEqualTo(4);
            assertThat(node.metric("handoff_bytes_total", "path", "relay")).isEqualTo(SPEC.byteLength());
            assertThat(node.metric("handoff_seconds_count", "path", "direct")).isZero();

            RouterStream.open(node.stub).begin(request(Sha256.of(bytes), vision.endpoint)).ended();
            assertThat(node.metric("handoff_bytes_total", "path", "direct")).isEqualTo(SPEC.byteLength());
            assertThat(node.metric("handoff_seconds_count", "path", "direct")).isOne();
            assertThat(node.metric("handoff_seconds_sum", "path", "direct")).isPositive();
        }
    }

    @Test
    void comeFromTheNextEndpointWhenOneFallsSilent() {
        var bytes = rows(1.5f);
        vision.hold(Sha256.of(bytes), SPEC, bytes);
        try (var node = node(); var silent = new ProjectionServer()) {
            silent.fallSilent();
            RouterStream.open(node.stub).begin(request(Sha256.of(bytes), silent.endpoint, vision.endpoint)).ended();
            assertThat(silent.fetches.get()).isEqualTo(1);
            assertThat(vision.fetches.get()).isEqualTo(1);
            assertThat(node.metric("cancelled_total")).isZero();

            var other = rows(1.25f);
            vision.hold(Sha256.of(other), SPEC, other);
            RouterStream.open(node.stub).begin(request(Sha256.of(other), silent.endpoint, vision.endpoint)).ended();
            assertThat(silent.fetches.get()).as("asked in vain a moment ago").isEqualTo(1);
            assertThat(vision.fetches.get()).isEqualTo(2);
        }
    }

    @Test
    void thatNobodyHasAreToldToTheRouter() {
        try (var node = node()) {
            var refused = RouterStream.open(node.stub).begin(request(DIGEST, NOBODY, vision.endpoint)).refused();
            assertThat(refused.getReason()).isEqualTo("NOT_HELD");
            Eventually.holds("all is free", node::isIdle);
            assertThat(node.metric("cancelled_total")).isZero();
        }
    }

    @Test
    void withOtherBytesThanPromisedAreRefused() {
        var promised = Sha256.of(rows(1.5f));
        vision.hold(promised, SPEC, rows(1.25f));
        requireBadTensor(promised, "sha256");
    }

    @Test
    void ofAnotherShapeAreRefused() {
        var bytes = rows(1.5f);
        vision.hold(Sha256.of(bytes), new TensorSpec(List.of(4L, 2L), ElementType.FLOAT32, DIGEST), bytes);
        requireBadTensor(Sha256.of(bytes), "shape");
    }

    @Test
    void thatAreNoNumbersAreRefused() {
        for (float broken : new float[]{Float.NaN, Float.NEGATIVE_INFINITY}) {
            var bytes = rows(broken);
            vision.hold(Sha256.of(bytes), SPEC, bytes);
            requireBadTensor(Sha256.of(bytes), "finite");
        }
    }

    @Test
    void areNotFetchedBeforeTheirRequestHasKv() {
        var bytes = rows(1.5f);
        vision.hold(Sha256.of(bytes), SPEC, bytes);
        try (var node = node()) {
            var holder = RouterStream.open(node.stub).begin(BEGINS.text(60, 64).setCredit(1).build());
            holder.awaitTokens(1);
            var waiting = RouterStream.open(node.stub).begin(request(Sha256.of(bytes), vision.endpoint));
            Eventually.holds("it waits", () -> node.board.load().getWaiting() == 1);
            assertThat(vision.fetches.get()).isZero();
            holder.cancel();
            waiting.ended();
            assertThat(vision.fetches.get()).isEqualTo(1);
        }
    }

    @Test
    void ofSuspectsAreFetchedOnceBeforeTheirTurns() {
        var bytes = rows(1.5f);
        vision.hold(Sha256.of(bytes), SPEC, bytes);
        try (var node = node()) {
            var suspect = request(Sha256.of(bytes), vision.endpoint).toBuilder().setSuspect(true).build();
            var first = RouterStream.open(node.stub).begin(suspect);
            first.next(EventCase.TURN);
            var second = RouterStream.open(node.stub).begin(suspect);
            Eventually.holds("both are fetched", () -> vision.fetches.get() == 2);
            assertThat(node.board.beat().getSteps()).isZero();
            first.takeTurn();
            first.ended();
            second.next(EventCase.TURN);
            second.takeTurn();
            second.ended();
            assertThat(vision.fetches.get()).isEqualTo(2);
        }
    }

    @Test
    void takeMemoryUntilTheirRequestIsOver() {
        var bytes = rows(1.5f);
        vision.hold(Sha256.of(bytes), SPEC, bytes);
        var begin = request(Sha256.of(bytes), vision.endpoint);
        var forTwo = TestNode.Options.ORDINARY.withImageBytes(2_048); // counted in whole KiB
        try (var node = new TestNode(forTwo, SERVED, () -> new Engine(runner, FakeRunner.VOCABULARY, 20))) {
            var parked = begin.toBuilder().setCredit(1).build();
            var first = RouterStream.open(node.stub).begin(parked);
            first.awaitTokens(1);
            RouterStream.open(node.stub).begin(parked).awaitTokens(1);
            assertThat(RouterStream.open(node.stub).begin(begin).refused().getReason()).isEqualTo("OVERLOADED");
            RouterStream.open(node.stub).begin(BEGINS.text(3, 2).build()).ended();
            first.cancel();
            RouterStream.open(node.stub).begin(begin).ended();
            RouterStream.open(node.stub).begin(begin).ended();
        }
    }

    private void requireBadTensor(Sha256 promised, String inMessage) {
        try (var node = node()) {
            var refused = RouterStream.open(node.stub).begin(request(promised, vision.endpoint)).refused();
            assertThat(refused.getReason()).isEqualTo("BAD_TENSOR");
            assertThat(refused.getMessage()).contains(inMessage);
            assertThat(node.board.beat().getSteps()).isZero();
            Eventually.holds("all is free", node::isIdle);
            RouterStream.open(node.stub).begin(BEGINS.text(3, 2).build()).ended();
        }
    }

    private TestNode node() {
        return new TestNode(TestNode.Options.ORDINARY, SERVED, () -> new Engine(runner, FakeRunner.VOCABULARY, 2));
    }

    private static Begin request(Sha256 sha256, Endpoint... endpoints) {
        return BEGINS.text(List.of(1, IMAGE_TOKEN, IMAGE_TOKEN, 2), 5)
                .addImages(BEGINS.rows(1, BEGINS.ticket(SPEC, sha256, endpoints)))
                .build();
    }

    /** Eight numbers, the last of which is this one. */
    private static ByteBuffer rows(float last) {
        var bytes = ByteBuffer.allocate(SPEC.byteLength()).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putFloat(SPEC.byteLength() - Float.BYTES, last);
    }
}
