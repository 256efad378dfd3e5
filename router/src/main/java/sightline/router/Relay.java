package sightline.router;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.TensorChunk;
import sightline.wire.Failure;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/**
 * The projected tokens of one picture on their way through this router: the next chunk is asked for when the reader takes
 * it. For gRPC's threads; ends once, however it ends.
 */
final class Relay implements ClientResponseObserver<FetchRequest, TensorChunk> {
    private final ServerCallStreamObserver<TensorChunk> reader;
    private final Runnable ended;
    private final AtomicBoolean over = new AtomicBoolean();
    private Optional<ClientCallStreamObserver<FetchRequest>> holder = Optional.empty();
    private boolean asked;

    /** Must be made before the reader's call has returned; {@code ended} is run once. */
    Relay(ServerCallStreamObserver<TensorChunk> reader, Runnable ended) {
        this.reader = reader;
        this.ended = ended;
        reader.setOnReadyHandler(this::pull);
        reader.setOnCancelHandler(this::cancelled);
    }

    void start(Channel channel, FetchRequest request) {
        if (over.get())
            return;
        // A call of its own, which does not end with whatever call happens to be in context.
        Context.ROOT.run(() -> ProjectionGrpc.newStub(channel).fetch(request, this));
        if (over.get()) // meanwhile
            cancelHolder();
    }

    void fail(Failure failure) {
        onError(StatusMapping.toStatus(failure));
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<FetchRequest> call) {
        call.disableAutoRequestWithInitial(1);
        synchronized (this) {
            holder = Optional.of(call);
            asked = true;
        }
    }

    @Override
    public void onNext(TensorChunk chunk) {
        if (over.get())
            return;
        reader.onNext(chunk);
        synchronized (this) {
            asked = false;
        }
        pull();
    }

    private synchronized void pull() {
        if (!asked && reader.isReady() && holder.isPresent()) {
            asked = true;
            holder.get().request(1);
        }
    }

    private void cancelled() {
        if (end())
            cancelHolder();
    }

    private synchronized void cancelHolder() {
        holder.ifPresent(call -> call.cancel("the reader is gone", null));
    }

    /** That the holder cannot be reached is said as a reason, or the reader would take this router to be out of reach. */
    @Override
    public void onError(Throwable error) {
        if (!end())
            return;
        boolean hasReason = StatusMapping.read(error).flatMap(Received::reason).isPresent();
        reader.onError(hasReason
                ? error
                : StatusMapping.toStatus(new Failure.NotHeld("the node that holds these projected tokens broke off")));
    }

    @Override
    public void onCompleted() {
        if (end())
            reader.onCompleted();
    }

    private boolean end() {
        boolean first = over.compareAndSet(false, true);
        if (first)
            ended.run();
        return first;
    }
}
