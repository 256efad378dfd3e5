package sightline.runtime;

import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.TensorChunk;

/** A service whose calls go on until the test ends them. */
final class HeldCalls extends ProjectionGrpc.ProjectionImplBase {
    private final BlockingQueue<StreamObserver<TensorChunk>> running = new LinkedBlockingQueue<>();

    @Override
    public void fetch(FetchRequest request, StreamObserver<TensorChunk> answer) {
        running.add(answer);
    }

    /** The server's side of the next call. */
    StreamObserver<TensorChunk> next() throws InterruptedException {
        return running.take();
    }

    /** Whether the next call arrives, rather than being refused before. */
    boolean arrivesSoon() throws InterruptedException {
        return running.poll(200, TimeUnit.MILLISECONDS) != null;
    }

    /** Whether no further call has arrived. */
    boolean isIdle() {
        return running.isEmpty();
    }

    /** The client's side of a call. */
    static final class Client implements ClientResponseObserver<FetchRequest, TensorChunk> {
        /** Completes when the call does, with an error where the call ends with one. */
        final CompletableFuture<Boolean> ended = new CompletableFuture<>();
        private final CompletableFuture<ClientCallStreamObserver<FetchRequest>> call = new CompletableFuture<>();

        static Client call(ManagedChannel channel, FetchRequest request) {
            var client = new Client();
            ProjectionGrpc.newStub(channel).fetch(request, client);
            return client;
        }

        void cancel() {
            call.join().cancel("no longer wanted", null);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FetchRequest> stream) {
            call.complete(stream);
        }

        @Override
        public void onNext(TensorChunk chunk) {}

        @Override
        public void onError(Throwable error) {
            ended.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            ended.complete(true);
        }
    }
}
