package sightline.runtime;

import io.grpc.stub.CallStreamObserver;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * Sends the events of one call in order and one at a time, and only while the other side reads. For any thread.
 *
 * <p>Whoever sends bounds what waits: by credit, or by the leases that may be held.
 */
public final class Outbox<E> {
    private final CallStreamObserver<E> call;
    private final Queue<E> waiting = new ArrayDeque<>();
    private State state = State.OPEN;

    private enum State {
        OPEN, CLOSING, CLOSED
    }

    public Outbox(CallStreamObserver<E> call) {
        this.call = call;
    }

    public synchronized void send(E event) {
        if (state == State.OPEN) {
            waiting.add(event);
            drain();
        }
    }

    /** Sends the event, then ends the call. */
    public synchronized void sendLast(E event) {
        if (state == State.OPEN) {
            waiting.add(event);
            complete();
        }
    }

    /** A heartbeat says that the stream lives, so it is left out while events wait. */
    public synchronized void beat(E beat) {
        if (state == State.OPEN && waiting.isEmpty() && call.isReady()) {
            call.onNext(beat);
        }
    }

    /** Ends the call once everything is sent. */
    public synchronized void complete() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            drain();
        }
    }

    /** Goes on sending, now that the other side has read. */
    public synchronized void drain() {
        while (!waiting.isEmpty() && state != State.CLOSED && call.isReady()) {
            call.onNext(waiting.remove());
        }
        if (state == State.CLOSING && waiting.isEmpty()) {
            state = State.CLOSED;
            call.onCompleted();
        }
    }

    /** Ends the call with an error, dropping what waits. */
    public synchronized void fail(RuntimeException status) {
        if (state != State.CLOSED) {
            abandon();
            call.onError(status);
        }
    }

    /** The call is over: drops what waits and whatever comes. */
    public synchronized void abandon() {
        state = State.CLOSED;
        waiting.clear();
    }

    public synchronized boolean isClosed() {
        return state == State.CLOSED;
    }
}
