package sightline.language;

import io.grpc.Context;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import sightline.language.ValidBegin.TicketedRows;
import sightline.language.model.ImageRows;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.TensorChunk;
import sightline.wire.BrokenTensor;
import sightline.wire.Endpoint;
import sightline.wire.Failure;
import sightline.wire.TensorAssembler;

/**
 * Pulls the projected tokens of one request from the endpoints of their tickets, in order, and hands them out only when
 * every byte is the one that the ticket promised and every number is finite.
 */
final class ProjectionFetch {
    private final FetchChannels channels;
    private final Set<Receiver> running = ConcurrentHashMap.newKeySet();
    private final Context.CancellableContext context = Context.ROOT.withCancellation();

    ProjectionFetch(FetchChannels channels) {
        this.channels = channels;
    }

    /** All images, each from the first endpoint that gives it whole; fails with a {@link Refusal}. */
    CompletableFuture<List<ImageRows>> start(List<TicketedRows> images) {
        var parts = images.stream().map(image -> from(image, 0)).toList();
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(_ -> parts.stream().map(CompletableFuture::join).toList());
    }

    /** Ends the calls that still run. */
    void cancel() {
        context.cancel(null);
    }

    /** Ends the calls that have brought nothing for {@code limit}; the next endpoints are asked instead. */
    void endStalled(Duration limit, long nowNanos) {
        running.stream().filter(call -> nowNanos - call.heardNanos >= limit.toNanos()).forEach(Receiver::giveUp);
    }

    private CompletableFuture<ImageRows> from(TicketedRows image, int attempt) {
        var bytes = fetch(image, image.endpoints().get(attempt));
        return bytes.thenApply(whole -> rows(image, whole)).exceptionallyCompose(error -> {
            boolean more = attempt + 1 < image.endpoints().size() && !context.isCancelled();
            return more ? from(image, attempt + 1) : CompletableFuture.failedFuture(new Refusal(failure(image, error)));
        });
    }

    private CompletableFuture<ByteBuffer> fetch(TicketedRows image, Endpoint endpoint) {
        var request = FetchRequest.newBuilder()
                .setImageKey(image.imageKey())
                .setSha256(image.sha256().byteString())
                .setModelDigest(image.spec().modelDigest().hex())
                .build();
        var receiver = new Receiver(new TensorAssembler(image.spec(), image.sha256()));
        running.add(receiver);
        try {
            context.run(() -> ProjectionGrpc.newStub(channels.to(endpoint)).fetch(request, receiver));
        } catch (RuntimeException e) { // an endpoint that gRPC cannot address is as good as one that does not answer
            receiver.onError(e);
        }
        return receiver.whole.whenComplete((_, _) -> running.remove(receiver));
    }

    private static ImageRows rows(TicketedRows image, ByteBuffer bytes) {
        var type = image.spec().type();
        if (!FiniteNumbers.only(bytes, type)) {
            throw new CompletionException(
                    new Refusal(new Failure.BadTensor("projected tokens: NaN or infinity (expected: finite numbers)")));
        }
        return new ImageRows(image.offset(), image.count(), type, bytes);
    }

    private static Failure failure(TicketedRows image, Throwable error) {
        var cause = error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
        return switch (cause) {
            case Refusal refusal -> refusal.failure();
            case BrokenTensor broken -> broken.toFailure();
            default -> new Failure.NotHeld("projected tokens for position " + image.offset()
                    + ": none of the ticket's endpoints gave them");
        };
    }

    /** Takes the chunks of one call; gRPC calls it from one thread at a time. */
    private static final class Receiver implements ClientResponseObserver<FetchRequest, TensorChunk> {
        private final TensorAssembler assembler;
        private final CompletableFuture<ByteBuffer> whole = new CompletableFuture<>();
        private volatile Optional<ClientCallStreamObserver<FetchRequest>> call = Optional.empty();
        private volatile long heardNanos = System.nanoTime();

        Receiver(TensorAssembler assembler) {
            this.assembler = assembler;
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<FetchRequest> started) {
            call = Optional.of(started);
        }

        @Override
        public void onNext(TensorChunk chunk) {
            heardNanos = System.nanoTime();
            try {
                if (!whole.isDone()) {
                    assembler.accept(chunk);
                }
            } catch (BrokenTensor e) {
                whole.completeExceptionally(e);
                giveUp();
            }
        }

        void giveUp() {
            call.ifPresent(running -> running.cancel("given up", null));
        }

        @Override
        public void onError(Throwable error) {
            whole.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            try {
                if (!whole.isDone()) {
                    whole.complete(assembler.finish());
                }
            } catch (BrokenTensor e) {
                whole.completeExceptionally(e);
            }
        }
    }
}
