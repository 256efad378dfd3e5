package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.router.request.Requests;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.Role;
import sightline.stage.v1.TensorChunk;
import sightline.stage.v1.Ticket;
import sightline.v1.ListModelsRequest;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/** Projected tokens that a language node fetches through the router. */
@Timeout(60)
class RelayTest {
    private static final long LIMIT_SECONDS = 20;
    private static final int CHUNKS = 40;

    /** Chunks between the vision node and a reader that has not asked for them: in the relay, and on its two streams. */
    private static final int MOST_UNDER_WAY = 3;

    private final FakeLanguage language = new FakeLanguage(new FakeLanguage.Manner.Fetch());
    private final FakeVision vision = new FakeVision("vision-1", new FakeVision.Manner.Encode());
    private final FakeProjections whole = new FakeProjections(CHUNKS, true);
    private final FakeProjections endless = new FakeProjections(1, false);
    private final FakeNode languageNode = new FakeNode("language-1", Role.ROLE_LANGUAGE, language);
    private final FakeNode visionNode = new FakeNode("vision-1", Role.ROLE_VISION, vision, whole);
    private final FakeNode stuckNode = new FakeNode("vision-2", Role.ROLE_VISION, vision, endless);
    private final TestRouter router = new TestRouter(Map.of("max-relays", "1"));
    private ManagedChannel relay;

    @BeforeEach
    void serve() {
        relay = InProcessChannelBuilder.forName(router.relay.toString()).directExecutor().build();
    }

    @AfterEach
    void stop() {
        relay.shutdownNow();
        router.close();
        List.of(languageNode, visionNode, stuckNode).forEach(FakeNode::close);
    }

    @Test
    void aReaderGetsWhatTheVisionNodeGives() throws Exception {
        var ticket = ticketFrom(visionNode);
        assertThat(ticket.getEndpointsList()).endsWith(router.relay.toString());
        var reader = new Reader(Integer.MAX_VALUE);
        reader.fetch(ticket);
        assertThat(reader.end()).isEqualTo("whole");
        assertThat(reader.chunks).containsExactlyElementsOf(
                IntStream.range(0, CHUNKS).mapToObj(FakeProjections::chunk).toList());
        var asked = whole.asked.remove();
        assertThat(asked.getRelay()).isTrue();
        assertThat(asked.getImageKey()).isEqualTo(ticket.getImageKey());
        router.await(() -> assertThat(router.metric("sightline_relays_running")).isZero());
    }

    @Test
    void aSlowReaderHoldsTheVisionNodeBack() throws Exception {
        var reader = new Reader(1);
        reader.fetch(ticketFrom(visionNode));
        for (int read = 1; read <= CHUNKS; read++) {
            assertThat(reader.next()).isEqualTo(FakeProjections.chunk(read - 1));
            assertThat(whole.given.get()).isLessThanOrEqualTo(read + MOST_UNDER_WAY);
            reader.call.request(1);
        }
        assertThat(reader.end()).isEqualTo("whole");
    }

    @Test
    void whatNobodyHoldsIsNotFound() throws Exception {
        var ticket = ticketFrom(visionNode);
        var other = new Reader(1);
        other.fetch(ticket.toBuilder().setSha256(ticket.getImageKey()).build());
        assertThat(other.failure().reason()).hasValue("NOT_HELD");
        router.await(() -> assertThat(router.metric("sightline_relays_running")).isZero());
    }

    @Test
    void aReaderThatGoesFreesItsPlaceAndTheVisionNode() throws Exception {
        var ticket = ticketFrom(stuckNode);
        var first = new Reader(Integer.MAX_VALUE);
        first.fetch(ticket);
        assertThat(first.next()).isEqualTo(FakeProjections.chunk(0));

        var second = new Reader(1);
        second.fetch(ticket);
        var refused = second.failure();
        assertThat(refused.status()).isEqualTo("UNAVAILABLE");
        assertThat(refused.reason()).hasValue("OVERLOADED");
        assertThat(refused.retryAfter()).isPresent();

        first.call.cancel("the reader is gone", null);
        assertThat(endless.cancelled.poll(LIMIT_SECONDS, TimeUnit.SECONDS)).isNotNull();
        router.await(() -> assertThat(router.metric("sightline_relays_running")).isZero());
        var third = new Reader(1);
        third.fetch(ticket);
        assertThat(third.next()).isEqualTo(FakeProjections.chunk(0));
    }

    @Test
    void visionNodeKilledMidFetchEndsTheReaderToo() throws Exception {
        var reader = new Reader(Integer.MAX_VALUE);
        reader.fetch(ticketFrom(stuckNode));
        assertThat(reader.next()).isEqualTo(FakeProjections.chunk(0));
        stuckNode.kill();
        assertThat(reader.failure().reason()).hasValue("NOT_HELD"); // of the router, which is within reach
        router.await(() -> assertThat(router.metric("sightline_relays_running")).isZero());
    }

    /** Has a picture encoded there, whose projected tokens a language node is to fetch. */
    private Ticket ticketFrom(FakeNode node) throws InterruptedException {
        router.knows(languageNode, node);
        router.await(() -> assertThat(router.blocking()
                .listModels(ListModelsRequest.getDefaultInstance())
                .getModelsList()).anyMatch(model -> model.getTakesPicturesNow()));
        Call.start(router.stub(), Requests.conversation(
                Requests.message("user", Requests.picture(Requests.picture()), Requests.text("What is this?"))));
        var begin = language.begins.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        assertThat(begin).isNotNull();
        return begin.getImages(0).getTicket();
    }

    /** A language node's side of a fetch. */
    private final class Reader implements ClientResponseObserver<FetchRequest, TensorChunk> {
        private final BlockingQueue<TensorChunk> chunks = new LinkedBlockingQueue<>();
        private final CompletableFuture<String> end = new CompletableFuture<>();
        private final int asked;

        @SuppressWarnings("NullAway.Init") // set before anything else happens
        private ClientCallStreamObserver<FetchRequest> call;

        private Reader(int asked) {
            this.asked = asked;
        }

        private void fetch(Ticket ticket) {
            ProjectionGrpc.newStub(relay)
                    .fetch(FetchRequest.newBuilder()
                            .setImageKey(ticket.getImageKey())
                            .setSha256(ticket.getSha256())
                            .setModelDigest(ticket.getModelDigest())
                            .build(), this);
        }

        private TensorChunk next() throws InterruptedException {
            return chunks.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
        }

        private String end() throws Exception {
            return end.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        }

        private Received failure() throws Exception {
            try {
                throw new AssertionError("did not fail: " + end());
            } catch (ExecutionException e) {
                return StatusMapping.read(e).orElseThrow();
            }
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FetchRequest> started) {
            call = started;
            call.disableAutoRequestWithInitial(asked);
        }

        @Override
        public void onNext(TensorChunk chunk) {
            chunks.add(chunk);
        }

        @Override
        public void onError(Throwable error) {
            end.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            end.complete("whole");
        }
    }
}
