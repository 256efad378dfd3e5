package sightline.client;

import io.grpc.StatusRuntimeException;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import sightline.v1.GenerateResponse;

/**
 * The events of one answer, each once and in order, whichever routers they came from: Started, Deltas, Finished.
 *
 * <p>Reading blocks until the next event is here, and throws {@link RequestFailed} where none can come any more. The
 * server is not asked for more than is read. To be read by one thread; {@link #close} may be called by any, and ends the
 * request at once, whose reader then sees CANCELLED. A stream that is not read to its end is to be closed.
 */
public final class AnswerStream implements Iterator<GenerateResponse>, AutoCloseable {
    private final Transcript transcript;
    private final Calls calls;
    private Optional<Iterator<GenerateResponse>> call = Optional.empty();
    private Optional<GenerateResponse> next = Optional.empty();
    private boolean isOver;

    AnswerStream(Transcript transcript, Calls calls) {
        this.transcript = transcript;
        this.calls = calls;
    }

    /** @throws RequestFailed where the answer cannot be gone on with, and ever after */
    @Override
    public boolean hasNext() {
        try {
            while (next.isEmpty() && !isOver)
                read();
        } catch (RequestFailed e) {
            close();
            throw e;
        }
        return next.isPresent();
    }

    @Override
    public GenerateResponse next() {
        if (!hasNext())
            throw new NoSuchElementException("the answer is whole");
        var event = next.orElseThrow();
        next = Optional.empty();
        return event;
    }

    /** Reads what is left, and returns the answer that it makes. */
    public Answer answer() {
        return answer(_ -> {});
    }

    /**
     * Reads what is left, and returns the answer that it makes.
     *
     * @param listener told every event as it comes, on the calling thread; while it is busy, no more events are asked for
     */
    public Answer answer(Consumer<GenerateResponse> listener) {
        var gathering = new Answer.Gathering();
        forEachRemaining(event -> {
            gathering.accept(event);
            listener.accept(event);
        });
        return gathering.answer();
    }

    /**
     * Does the same on a thread of its own. Cancelling the future ends the request; a failure completes it with
     * {@link RequestFailed}, one of the listener with what that threw.
     */
    public CompletableFuture<Answer> listen(Consumer<GenerateResponse> listener) {
        var answer = new CompletableFuture<Answer>();
        var _ = answer.whenComplete((_, _) -> close());
        Thread.startVirtualThread(() -> {
            try {
                answer.complete(answer(listener));
            } catch (RuntimeException | Error e) {
                answer.completeExceptionally(e);
            }
        });
        return answer;
    }

    /** Ends the request, where it is not over, and frees all that it holds. */
    @Override
    public void close() {
        calls.close();
    }

    private void read() {
        try {
            var events = call.orElseGet(() -> calls.open(transcript.nextRequest()));
            call = Optional.of(events);
            if (events.hasNext())
                take(events.next());
            else
                end();
        } catch (StatusRuntimeException e) {
            call = Optional.empty();
            if (transcript.isWhole())
                end(); // nothing was left to come but the good end of the call
            else
                calls.recover(e, transcript.hasBegun());
        }
    }

    private void take(GenerateResponse event) {
        if (transcript.accept(event)) {
            calls.progress();
            next = Optional.of(event);
        }
    }

    private void end() {
        if (!transcript.isWhole())
            throw RequestFailed.unfinished();
        isOver = true;
        close();
    }
}
