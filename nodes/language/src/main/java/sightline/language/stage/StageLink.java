package sightline.language.stage;

import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.Optional;
import sightline.runtime.Outbox;
import sightline.stage.v1.Hello;
import sightline.stage.v1.LinkBeat;
import sightline.stage.v1.PipelineGrpc;
import sightline.stage.v1.StageCommand;
import sightline.stage.v1.StageEvent;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/**
 * The head's end of the stream to one further stage. Sending is for any thread, in the order of the calls; what the stage
 * says comes from one of gRPC's threads at a time.
 */
final class StageLink implements ClientResponseObserver<StageCommand, StageEvent> {
    private final int stage;
    private final Events events;
    private volatile long heardNanos = System.nanoTime();
    private volatile Optional<Outbox<StageCommand>> outbox = Optional.empty();

    /** What a link tells. */
    interface Events {
        void said(StageLink link, StageEvent event);

        void over(StageLink link, String why);
    }

    private StageLink(int stage, Events events) {
        this.stage = stage;
        this.events = events;
    }

    /** Opens the stream and says Hello. */
    static StageLink open(Channel channel, Hello hello, Events events) {
        var link = new StageLink(hello.getStage(), events);
        var _ = PipelineGrpc.newStub(channel).link(link);
        link.send(StageCommand.newBuilder().setHello(hello));
        return link;
    }

    /** The stage's number. */
    int stage() {
        return stage;
    }

    void send(StageCommand.Builder command) {
        outbox.ifPresent(box -> box.send(command.build()));
    }

    void beat() {
        outbox.ifPresent(
                box -> box.beat(StageCommand.newBuilder().setBeat(LinkBeat.getDefaultInstance()).build()));
    }

    /** When the stage said something last, by {@link System#nanoTime}. */
    long heardNanos() {
        return heardNanos;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<StageCommand> call) {
        var box = new Outbox<>(call);
        call.setOnReadyHandler(box::drain);
        outbox = Optional.of(box);
    }

    @Override
    public void onNext(StageEvent event) {
        heardNanos = System.nanoTime();
        events.said(this, event);
    }

    @Override
    public void onError(Throwable error) {
        outbox.ifPresent(Outbox::abandon);
        events.over(this, StatusMapping.read(error).map(StageLink::text).orElseGet(error::toString));
    }

    @Override
    public void onCompleted() {
        outbox.ifPresent(Outbox::abandon);
        events.over(this, "it ended the link");
    }

    private static String text(Received received) {
        return received.status() + ": " + received.message();
    }
}
