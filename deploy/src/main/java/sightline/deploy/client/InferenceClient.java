package sightline.deploy.client;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

import sightline.v1.Delta;
import sightline.v1.GenerateRequest;
import sightline.v1.InferenceGrpc;
import sightline.v1.ListModelsRequest;
import sightline.v1.Model;
import sightline.wire.Endpoint;
import sightline.wire.Received;

/**
 * Asks a list of routers, each in turn until one answers; a request that a router has begun to answer is never sent to
 * another.
 */
public final class InferenceClient {

    /** Would say in its own words, on standard error, what is told in ours. Held here, since its own side is held weakly. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    private static final Duration POLL = Duration.ofMillis(50);
    private static final Duration POLL_TIMEOUT = Duration.ofSeconds(2);

    static {
        GRPC.setLevel(Level.SEVERE);
    }

    private final List<Endpoint> routers;

    public InferenceClient(List<Endpoint> routers) {
        if (routers.isEmpty()) {
            throw new IllegalArgumentException("routers: none (expected: at least one)");
        }
        this.routers = List.copyOf(routers);
    }

    /**
     * Blocks until the answer is whole.
     *
     * @param timeout of the whole request, told to the server as its deadline
     * @param onDelta told of every delta as it arrives, on the calling thread
     */
    public Answer generate(GenerateRequest request, Duration timeout, Consumer<Delta> onDelta) throws RequestFailed {
        for (Endpoint router : routers.subList(0, routers.size() - 1)) {
            AnswerStream stream = new AnswerStream(onDelta);
            try {
                return generate(router, request, timeout, stream);
            } catch (RequestFailed e) {
                if (stream.hasStarted() || !mayAskAnother(e.received())) {
                    throw e;
                }
            }
        }
        return generate(routers.getLast(), request, timeout, new AnswerStream(onDelta));
    }

    private static boolean mayAskAnother(Received received) {
        return received.isConnectionLost() || received.reason().filter("DRAINING"::equals).isPresent();
    }

    /** Blocks until the first router reports a model that can be asked about pictures, but no longer than {@code limit}. */
    public void awaitPictures(Duration limit) throws InterruptedException {
        ManagedChannel channel = connect(routers.getFirst());
        try {
            long endNanos = System.nanoTime() + limit.toNanos();
            while (!takesPictures(channel) && System.nanoTime() < endNanos)
                Thread.sleep(POLL);
        } finally {
            channel.shutdownNow();
        }
    }

    private static boolean takesPictures(ManagedChannel channel) {
        try {
            return InferenceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(POLL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)
                    .listModels(ListModelsRequest.getDefaultInstance())
                    .getModelsList()
                    .stream()
                    .anyMatch(Model::getTakesPicturesNow);
        } catch (StatusRuntimeException _) {
            return false;
        }
    }

    private static Answer generate(Endpoint router, GenerateRequest request, Duration timeout, AnswerStream stream)
            throws RequestFailed {
        ManagedChannel channel = Grpc
                .newChannelBuilderForAddress(router.host(), router.port(), InsecureChannelCredentials.create())
                .build();
        try {
            return stream.read(InferenceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS)
                    .generate(request));
        } catch (RequestFailed e) {
            throw new RequestFailed(new ConnectionTrouble(router, timeout).inWords(e.received(), stream.hasStarted()));
        } finally {
            channel.shutdownNow();
        }
    }

    private static ManagedChannel connect(Endpoint router) {
        return Grpc.newChannelBuilderForAddress(router.host(), router.port(), InsecureChannelCredentials.create())
                .build();
    }
}
