package sightline.vision;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Queue;
import sightline.stage.v1.StreamBeat;
import sightline.stage.v1.VisionEvent;

/**
 * Sends the events of one stream in order and one at a time, and only while the router reads.
 *
 * <p>What waits is bounded by the leases that routers may hold. For any thread.
 */
final class Outbox {
    private final ServerCallStreamObserver<VisionEvent> call;
    private final Queue<VisionEvent> waiting = new ArrayDeque<>();
    private State state = State.OPEN;

    private enum State {
        OPEN, CLOSING, CLOSED
    }

    Outbox(ServerCallStreamObserver<VisionEvent> call) {
        this.call = call;
    }

    synchronized void send(VisionEvent event) {
        if (state == State.OPEN) {
            waiting.add(event);
            drain();
        }
    }

    /** A heartbeat says that the stream lives, so it is left out while events wait. */
    synchronized void beat(StreamBeat beat) {
        if (state == State.OPEN && waiting.isEmpty() && call.isReady()) {
            call.onNext(VisionEvent.newBuilder().setBeat(beat).build());
        }
    }

    /** Goes on sending, now that the router has read. */
    synchronized void drain() {
        while (!waiting.isEmpty() && state != State.CLOSED && call.isReady()) {
            call.onNext(waiting.remove());
        }
        if (state == State.CLOSING && waiting.isEmpty()) {
            state = State.CLOSED;
            call.onCompleted();
        }
    }

    /** Ends the stream once everything is sent. */
    synchronized void complete() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            drain();
        }
    }

    /** Ends the stream with an error, dropping what waits. */
    synchronized void fail(RuntimeException status) {
        if (state != State.CLOSED) {
            abandon();
            call.onError(status);
        }
    }

    /** The stream is over: drops what waits and whatever comes. */
    synchronized void abandon() {
        state = State.CLOSED;
        waiting.clear();
    }

    synchronized boolean isClosed() {
        return state == State.CLOSED;
    }
}
