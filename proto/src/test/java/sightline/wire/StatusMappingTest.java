package sightline.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sightline.stage.v1.DescribeRequest;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeGrpc;

/** Sends every failure through a real gRPC server and looks at what arrives. */
final class StatusMappingTest {
    private static final Metadata.Key<String> PUSHBACK = Metadata.Key.of("grpc-retry-pushback-ms",
            Metadata.ASCII_STRING_MARSHALLER);

    private final AtomicReference<Failure> failure = new AtomicReference<>(new Failure.Bug("none"));
    private Server server = failing();
    private ManagedChannel channel = InProcessChannelBuilder.forName("status-mapping").build();

    @BeforeEach
    void start() throws IOException {
        server.start();
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    private Server failing() {
        return InProcessServerBuilder.forName("status-mapping").addService(new NodeGrpc.NodeImplBase() {
            @Override
            public void describe(DescribeRequest request, StreamObserver<NodeDescription> answer) {
                answer.onError(StatusMapping.toStatus(failure.get()));
            }
        }).build();
    }

    private StatusRuntimeException call(Failure toSend) {
        failure.set(toSend);
        try {
            NodeGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance());
        } catch (StatusRuntimeException e) {
            return e;
        }
        throw new AssertionError("the call did not fail");
    }

    private Received send(Failure toSend) {
        return StatusMapping.read(call(toSend)).orElseThrow();
    }

    @Test
    void everyReasonArrivesWithTheStatusOfTheContract() {
        var arrived = new ArrayList<String>();
        for (Failure f : all()) {
            var received = send(f);
            arrived.add(received.reason().orElse("none") + " " + received.status());
        }
        assertThat(arrived).containsExactly("BAD_FIELD INVALID_ARGUMENT", "BAD_IMAGE INVALID_ARGUMENT",
                "PROMPT_TOO_LONG INVALID_ARGUMENT", "BAD_MESSAGE INVALID_ARGUMENT", "QUOTA RESOURCE_EXHAUSTED",
                "SLOW_CLIENT RESOURCE_EXHAUSTED", "OVERLOADED UNAVAILABLE", "DRAINING UNAVAILABLE",
                "NO_REPLICA UNAVAILABLE", "NO_EQUAL_REPLICA UNAVAILABLE", "DEADLINE DEADLINE_EXCEEDED",
                "UNKNOWN_MODEL NOT_FOUND", "DUPLICATE_REQUEST ALREADY_EXISTS", "DIVERGED DATA_LOSS", "POISON INTERNAL",
                "BUG INTERNAL", "CANCELLED CANCELLED", "NOT_HELD NOT_FOUND", "WRONG_MODEL FAILED_PRECONDITION",
                "BAD_TENSOR INVALID_ARGUMENT");
    }

    static List<Failure> all() {
        return List.of(new Failure.BadField("sampling.top_p", "2.0 (expected: (0, 1])"), new Failure.BadImage("text"),
                new Failure.PromptTooLong("text"), new Failure.BadMessage("text"), new Failure.Quota("text"),
                new Failure.SlowClient("text"), new Failure.Overloaded("text", Duration.ofMillis(250)),
                new Failure.Draining("text"), new Failure.NoReplica("text"), new Failure.NoEqualReplica("text"),
                new Failure.Deadline("text"), new Failure.UnknownModel("text"), new Failure.DuplicateRequest("text"),
                new Failure.Diverged("text"), new Failure.Poison("text"), new Failure.Bug("r-1"),
                new Failure.Cancelled("text"), new Failure.NotHeld("text"), new Failure.WrongModel("text"),
                new Failure.BadTensor("text"));
    }

    @Test
    void badFieldNamesItsPath() {
        var received = send(new Failure.BadField("stopping.max_new_tokens", "0 (expected: >= 1)"));

        assertThat(received.fields()).containsExactly("stopping.max_new_tokens");
        assertThat(received.violations())
                .containsExactly(new Received.Violation("stopping.max_new_tokens", "0 (expected: >= 1)"));
        assertThat(received.message()).isEqualTo("stopping.max_new_tokens: 0 (expected: >= 1)");
    }

    @Test
    void overloadTellsTheWaitInDetailsAndTrailer() {
        var error = call(new Failure.Overloaded("full", Duration.ofMillis(1250)));

        assertThat(StatusMapping.read(error).orElseThrow().retryAfter()).contains(Duration.ofMillis(1250));
        assertThat(pushback(error)).contains("1250");
    }

    @Test
    void theTrailerAloneTellsTheWaitToo() {
        assertThat(pushedBack("250").retryAfter()).contains(Duration.ofMillis(250));
        assertThat(pushedBack("-1").retryAfter()).isEmpty();
        assertThat(pushedBack("soon").retryAfter()).isEmpty();
    }

    private static Received pushedBack(String millis) {
        var trailers = new Metadata();
        trailers.put(PUSHBACK, millis);
        return StatusMapping.read(Status.UNAVAILABLE.asRuntimeException(trailers)).orElseThrow();
    }

    @Test
    void whatCannotBeRetriedCarriesNoWait() {
        var error = call(new Failure.BadImage("not a picture"));

        assertThat(StatusMapping.read(error).orElseThrow().retryAfter()).isEmpty();
        assertThat(pushback(error)).isEmpty();
    }

    @Test
    void bugTellsTheRequestIdAndNothingElse() {
        assertThat(send(new Failure.Bug("r-17")).message()).isEqualTo("internal error, request r-17");
    }

    @Test
    void statusOfGrpcItselfHasNoReason() {
        var received = StatusMapping.read(Status.UNAVAILABLE.withDescription("io exception").asRuntimeException());

        assertThat(received.orElseThrow().reason()).isEmpty();
        assertThat(received.orElseThrow().isConnectionLost()).isTrue();
        assertThat(send(new Failure.Draining("going")).isConnectionLost()).isFalse();
    }

    @Test
    void errorThatIsNoStatusReadsAsNothing() {
        assertThat(StatusMapping.read(new IllegalStateException("boom"))).isEmpty();
    }

    private static Optional<String> pushback(StatusRuntimeException error) {
        return Optional.ofNullable(error.getTrailers()).map(trailers -> trailers.get(PUSHBACK));
    }
}
