package sightline.deploy.rig;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.InferenceGrpc;
import sightline.wire.Endpoint;

/** Clients of one router that read the first event of their answers, and a further one each time they are told to. */
public final class SlowClients implements AutoCloseable {
    private static final int CALLS_PER_CONNECTION = 100; // what a router allows one
    private static final long LIMIT_SECONDS = 60;
    private static final long DEADLINE_SECONDS = 900;

    private final Endpoint router;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<Reader> readers = new ArrayList<>();
    private final Semaphore events = new Semaphore(0);
    private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();

    public SlowClients(Endpoint router) {
        this.router = router;
    }

    /** Asks for one answer more for each of the requests, and waits until they have begun. */
    public void open(List<GenerateRequest> requests) throws InterruptedException {
        for (var request : requests) {
            if (readers.size() % CALLS_PER_CONNECTION == 0)
                channels.add(NettyChannelBuilder.forAddress(router.host(), router.port()).usePlaintext().build());
            var reader = new Reader();
            readers.add(reader);
            InferenceGrpc.newStub(channels.getLast())
                    .withDeadlineAfter(DEADLINE_SECONDS, TimeUnit.SECONDS)
                    .generate(request, reader);
        }
        awaitEvents(requests.size());
    }

    /** The first {@code count} of them read one event more each, which must be on its way; returns when they have. */
    public void read(int count) throws InterruptedException {
        readers.stream().limit(count).forEach(Reader::read);
        awaitEvents(count);
    }

    /** Answers that broke or ended. */
    public List<Throwable> failures() {
        return List.copyOf(failures);
    }

    private void awaitEvents(int count) throws InterruptedException {
        if (!events.tryAcquire(count, LIMIT_SECONDS, TimeUnit.SECONDS))
            throw new IllegalStateException("events: " + events.availablePermits() + " after " + LIMIT_SECONDS
                    + " s, " + failures + " (expected: " + count + ")");
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private final class Reader implements ClientResponseObserver<GenerateRequest, GenerateResponse> {
        @SuppressWarnings("NullAway.Init") // set before anything else happens
        private ClientCallStreamObserver<GenerateRequest> call;

        @Override
        public void beforeStart(ClientCallStreamObserver<GenerateRequest> started) {
            call = started;
            call.disableAutoRequestWithInitial(1);
        }

        private void read() {
            call.request(1);
        }

        @Override
        public void onNext(GenerateResponse response) {
            events.release();
        }

        @Override
        public void onError(Throwable error) {
            failures.add(error);
        }

        @Override
        public void onCompleted() {
            failures.add(new IllegalStateException("answer: its end (expected: more to come)"));
        }
    }
}
