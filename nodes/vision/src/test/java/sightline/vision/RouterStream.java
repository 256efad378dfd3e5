package sightline.vision;

import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import sightline.stage.v1.CancelEncode;
import sightline.stage.v1.Encoded;
import sightline.stage.v1.Refused;
import sightline.stage.v1.ReleaseLease;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.VisionCommand;
import sightline.stage.v1.VisionEvent;
import sightline.stage.v1.VisionGrpc;

/** A router's end of an encode stream. */
final class RouterStream implements StreamObserver<VisionEvent> {
    private static final long PATIENCE_SECONDS = 20;

    final BlockingQueue<StreamBeat> beats = new LinkedBlockingQueue<>();
    /** Completes with nothing at a regular end, else with the error. */
    final CompletableFuture<Optional<Throwable>> ended = new CompletableFuture<>();
    private final BlockingQueue<VisionEvent> answers = new LinkedBlockingQueue<>();
    private final Context.CancellableContext context = Context.ROOT.withCancellation();
    private final StreamObserver<VisionCommand> commands;

    RouterStream(Channel channel) {
        var opened = new CompletableFuture<StreamObserver<VisionCommand>>();
        context.run(() -> opened.complete(VisionGrpc.newStub(channel).encode(this)));
        commands = opened.join();
    }

    void send(VisionCommand command) {
        commands.onNext(command);
    }

    void cancel(long item) {
        send(VisionCommand.newBuilder().setCancel(CancelEncode.newBuilder().setItem(item)).build());
    }

    void release(long item) {
        send(VisionCommand.newBuilder().setRelease(ReleaseLease.newBuilder().setItem(item)).build());
    }

    void beat() {
        send(VisionCommand.newBuilder().setBeat(StreamBeat.getDefaultInstance()).build());
    }

    /** Ends as a router that stops does. */
    void complete() {
        commands.onCompleted();
    }

    /** Breaks the stream as a router that dies does. */
    void breakOff() {
        context.cancel(null);
    }

    VisionEvent answer() throws InterruptedException {
        var answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
            throw new AssertionError("no answer within " + PATIENCE_SECONDS + " s; ended: " + ended);
        }
        return answer;
    }

    Encoded encoded() throws InterruptedException {
        var answer = answer();
        if (!answer.hasEncoded()) {
            throw new AssertionError("not encoded: " + answer);
        }
        return answer.getEncoded();
    }

    Refused refused() throws InterruptedException {
        var answer = answer();
        if (!answer.hasRefused()) {
            throw new AssertionError("not refused: " + answer);
        }
        return answer.getRefused();
    }

    boolean hasAnswer() {
        return !answers.isEmpty();
    }

    @Override
    public void onNext(VisionEvent event) {
        if (event.hasBeat()) {
            beats.add(event.getBeat());
        } else {
            answers.add(event);
        }
    }

    @Override
    public void onError(Throwable error) {
        ended.complete(Optional.of(error));
    }

    @Override
    public void onCompleted() {
        ended.complete(Optional.empty());
    }
}
