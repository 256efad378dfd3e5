package sightline.router.fleet;

import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import sightline.stage.v1.VisionCommand;
import sightline.stage.v1.VisionEvent;
import sightline.stage.v1.VisionGrpc;

/**
 * The one long stream of this router to a vision node. Its methods are called from one thread at a time; what the node
 * says comes from gRPC's threads, in order, with one {@link Said.Closed} at the end.
 */
final class VisionLink {

    /** What comes back. */
    sealed interface Said {
        record Event(VisionEvent event) implements Said {}

        record Closed(String why) implements Said {}
    }

    private final ClientCallStreamObserver<VisionCommand> commands;
    private long heardNanos;

    private VisionLink(ClientCallStreamObserver<VisionCommand> commands, long nowNanos) {
        this.commands = commands;
        this.heardNanos = nowNanos;
    }

    static VisionLink open(Channel channel, Consumer<Said> sink, long nowNanos) {
        var commands = VisionGrpc.newStub(channel).encode(new Receiver(sink));
        return new VisionLink((ClientCallStreamObserver<VisionCommand>) commands, nowNanos);
    }

    void send(VisionCommand command) {
        commands.onNext(command);
    }

    void heard(long nowNanos) {
        heardNanos = nowNanos;
    }

    long silentNanos(long nowNanos) {
        return nowNanos - heardNanos;
    }

    /** Gives the stream up, and with it what it holds on the node. */
    void cancel(String why) {
        commands.cancel(why, null);
    }

    private record Receiver(Consumer<Said> sink) implements StreamObserver<VisionEvent> {
        @Override
        public void onNext(VisionEvent event) {
            sink.accept(new Said.Event(event));
        }

        @Override
        public void onError(Throwable error) {
            sink.accept(new Said.Closed(reason(error.getMessage())));
        }

        @Override
        public void onCompleted() {
            sink.accept(new Said.Closed("ended by the node"));
        }

        private static String reason(@Nullable String message) {
            return message == null ? "broken" : message;
        }
    }
}
