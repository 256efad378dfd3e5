package sightline.language;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Queue;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.StreamBeat;

/**
 * Sends the events of one call in order and one at a time, and only while the router reads.
 *
 * <p>What waits is bounded by the credit that the router has given. For any thread.
 */
final class Outbox {
    private final ServerCallStreamObserver<GenerateEvent> call;
    private final Queue<GenerateEvent> waiting = new ArrayDeque<>();
    private State state = State.OPEN;

    private enum State {
        OPEN, CLOSING, CLOSED
    }

    Outbox(ServerCallStreamObserver<GenerateEvent> call) {
        this.call = call;
    }

    synchronized void send(GenerateEvent event) {
        if (state == State.OPEN) {
            waiting.add(event);
            drain();
        }
    }

    /** Sends the event, then ends the call. */
    synchronized void sendLast(GenerateEvent event) {
        if (state == State.OPEN) {
            waiting.add(event);
            state = State.CLOSING;
            drain();
        }
    }

    /** A heartbeat says that the stream lives, so it is left out while events wait. */
    synchronized void beat(StreamBeat beat) {
        if (state == State.OPEN && waiting.isEmpty() && call.isReady()) {
            call.onNext(GenerateEvent.newBuilder().setBeat(beat).build());
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

    /** Ends the call with an error, dropping what waits. */
    synchronized void fail(RuntimeException status) {
        if (state != State.CLOSED) {
            abandon();
            call.onError(status);
        }
    }

    /** The call is over: drops what waits and whatever comes. */
    synchronized void abandon() {
        state = State.CLOSED;
        waiting.clear();
    }

    synchronized boolean isClosed() {
        return state == State.CLOSED;
    }
}
