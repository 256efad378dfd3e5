package sightline.router;

import com.google.protobuf.ByteString;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Ticket;
import sightline.stage.v1.VisionCommand;
import sightline.stage.v1.VisionEvent;
import sightline.stage.v1.VisionGrpc;
import sightline.wire.Failure;
import sightline.wire.Refusals;

/** Gives tickets for pictures without looking at them, and remembers what it holds. */
final class FakeVision extends VisionGrpc.VisionImplBase {
    /** What it does with the next pictures. */
    sealed interface Manner {
        record Encode() implements Manner {}

        /** Encodes the first picture of a request, and the others when it is told to. */
        record EncodeFirst(CompletableFuture<?> others) implements Manner {}

        /** Takes them and beats. */
        record Hold() implements Manner {}

        record Refuse(Failure failure) implements Manner {}
    }

    final BlockingQueue<EncodeItem> asked = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> cancelled = new LinkedBlockingQueue<>();
    final BlockingQueue<Long> released = new LinkedBlockingQueue<>();
    final Set<Long> leases = ConcurrentHashMap.newKeySet();
    private final String name;
    private final AtomicReference<Manner> manner;

    FakeVision(String name, Manner manner) {
        this.name = name;
        this.manner = new AtomicReference<>(manner);
    }

    void will(Manner changed) {
        manner.set(changed);
    }

    @Override
    public StreamObserver<VisionCommand> encode(StreamObserver<VisionEvent> observer) {
        return new Link((ServerCallStreamObserver<VisionEvent>) observer);
    }

    private final class Link implements StreamObserver<VisionCommand> {
        private final ServerCallStreamObserver<VisionEvent> call;

        private Link(ServerCallStreamObserver<VisionEvent> call) {
            this.call = call;
            call.setOnCancelHandler(leases::clear);
            Beats.every(() -> send(VisionEvent.newBuilder().setBeat(Beats.beat())), call::isCancelled);
        }

        @Override
        public void onNext(VisionCommand command) {
            switch (command.getCommandCase()) {
                case ENCODE -> {
                    for (int i = 0; i < command.getEncode().getItemsCount(); i++)
                        onItem(command.getEncode().getItems(i), i == 0);
                }
                case RELEASE -> {
                    leases.remove(command.getRelease().getItem());
                    released.add(command.getRelease().getItem());
                }
                case CANCEL -> cancelled.add(command.getCancel().getItem());
                case BEAT, COMMAND_NOT_SET -> {
                }
            }
        }

        private void onItem(EncodeItem item, boolean isFirst) {
            asked.add(item);
            switch (manner.get()) {
                case Manner.Encode _ -> encode(item);
                case Manner.EncodeFirst(var others) -> {
                    if (isFirst)
                        encode(item);
                    else {
                        var _ = others.thenRun(() -> encode(item));
                    }
                }
                case Manner.Refuse(var failure) ->
                        send(VisionEvent.newBuilder().setRefused(Refusals.toProto(item.getItem(), failure)));
                case Manner.Hold _ -> {
                }
            }
        }

        private void encode(EncodeItem item) {
            leases.add(item.getItem());
            var ticket = Ticket.newBuilder()
                    .setImageKey(item.getImageKey())
                    .setModelDigest(item.getModelDigest())
                    .setSha256(ByteString.copyFromUtf8(name))
                    .setVisionFingerprint(name + "-print");
            send(VisionEvent.newBuilder()
                    .setEncoded(Encoded.newBuilder().setItem(item.getItem()).setTicket(ticket).setEncodeUs(7)));
        }

        private synchronized void send(VisionEvent.Builder event) {
            call.onNext(event.build());
        }

        @Override
        public void onError(Throwable error) {
            leases.clear();
        }

        @Override
        public void onCompleted() {
            leases.clear();
        }
    }
}
