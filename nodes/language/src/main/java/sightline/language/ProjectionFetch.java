package sightline.language;

import io.grpc.Context;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.InputStream;
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
import sightline.wire.BrokenTensor;
import sightline.wire.Endpoint;
import sightline.wire.Failure;
import sightline.wire.Received;
import sightline.wire.StatusMapping;
import sightline.wire.TensorAssembler;
import sightline.wire.TensorFetch;

/**
 * Pulls the projected tokens of one request from the endpoints of their tickets, in order, and hands them out only when
 * every byte is the one that the ticket promised and every number is finite.
 */
final class ProjectionFetch {
    private final FetchChannels channels;
    private final LanguageMetrics metrics;
    private final Set<Receiver> running = ConcurrentHashMap.newKeySet();
    private final Context.CancellableContext context = Context.ROOT.withCancellation();

    ProjectionFetch(FetchChannels channels, LanguageMetrics metrics) {
        this.channels = channels;
        this.metrics = metrics;
    }

    /** From the first endpoint that gives them whole; fails with a {@link Refusal}. */
    CompletableFuture<ImageRows> start(TicketedRows image) {
        long nowNanos = System.nanoTime();
        return from(image, channels.inOrder(image.endpoints(), nowNanos), nowNanos);
    }

    /** Ends the calls that still run. */
    void cancel() {
        context.cancel(null);
    }

    /** Ends the calls that have brought nothing for {@code limit}; the next endpoints are asked instead. */
    void endStalled(Duration limit, long nowNanos) {
        running.stream().filter(call -> nowNanos - call.heardNanos >= limit.toNanos()).forEach(Receiver::giveUp);
    }

    /** @param sinceNanos when the first of all endpoints was asked */
    private CompletableFuture<ImageRows> from(TicketedRows image, List<Endpoint> endpoints, long sinceNanos) {
        var endpoint = endpoints.getFirst();
        return fetch(image, endpoint).thenApply(whole -> {
            var rows = rows(image, whole);
            var path = image.isRelay(endpoint) ? LanguageMetrics.Path.RELAY : LanguageMetrics.Path.DIRECT;
            metrics.handedOff(path, image.spec().byteLength(), System.nanoTime() - sinceNanos);
            return rows;
        }).exceptionallyCompose(error -> {
            if (isUnreached(error) && !context.isCancelled()) {
                channels.unreached(endpoint, System.nanoTime());
            }
            boolean more = endpoints.size() > 1 && !context.isCancelled();
            return more
                    ? from(image, endpoints.subList(1, endpoints.size()), sinceNanos)
                    : CompletableFuture.failedFuture(new Refusal(failure(image, error)));
        });
    }

    /** An endpoint that answers says why it has nothing to give. */
    private static boolean isUnreached(Throwable error) {
        return switch (cause(error)) {
            case Refusal _,BrokenTensor _ -> false;
            default -> StatusMapping.read(error).flatMap(Received::reason).isEmpty();
        };
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
            context.run(() -> TensorFetch.start(channels.to(endpoint), request, receiver));
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
        return switch (cause(error)) {
            case Refusal refusal -> refusal.failure();
            case BrokenTensor broken -> broken.toFailure();
            default -> new Failure.NotHeld("projected tokens for position " + image.offset()
                    + ": none of the ticket's endpoints gave them");
        };
    }

    private static Throwable cause(Throwable error) {
        return error instanceof CompletionException && error.getCause() != null ? error.getCause() : error;
    }

    /** Takes the chunks of one call; gRPC calls it from one thread at a time. */
    private static final class Receiver implements ClientResponseObserver<FetchRequest, InputStream> {
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
        public void onNext(InputStream chunk) {
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
