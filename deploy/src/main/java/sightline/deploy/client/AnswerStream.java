package sightline.deploy.client;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

import sightline.v1.Delta;
import sightline.v1.Finished;
import sightline.v1.GenerateResponse;
import sightline.v1.Started;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/** Reads one stream of events to its end; an error of the call becomes a {@link RequestFailed}. One thread. */
final class AnswerStream {

    private final Consumer<Delta> onDelta;
    private final TreeMap<Integer, Answer.Gathering> choices = new TreeMap<>();
    private Optional<Started> started = Optional.empty();
    private Optional<Finished> finished = Optional.empty();

    /** @param onDelta told of every delta as it arrives */
    AnswerStream(Consumer<Delta> onDelta) {
        this.onDelta = onDelta;
    }

    Answer read(Iterator<GenerateResponse> events) throws RequestFailed {
        try {
            events.forEachRemaining(this::accept);
        } catch (RuntimeException e) {
            throw new RequestFailed(StatusMapping.read(e).orElseThrow(() -> e));
        }
        return answer();
    }

    /** Once the stream has ended without an error. */
    Answer answer() throws RequestFailed {
        if (started.isEmpty() || finished.isEmpty()) {
            throw new RequestFailed(new Received("INTERNAL", Optional.of("BUG"), "the stream ended without Finished",
                    List.of(), Optional.empty()));
        }
        return new Answer(started.get(), choices.values().stream().map(Answer.Gathering::choice).toList(),
                finished.get());
    }

    /** Whether the server has begun to answer: from here on, asking another one would be a second request. */
    boolean hasStarted() {
        return started.isPresent();
    }

    void accept(GenerateResponse response) {
        switch (response.getEventCase()) {
            case STARTED -> started = Optional.of(response.getStarted());
            case DELTA -> onDelta(response.getDelta());
            case FINISHED -> finished = Optional.of(response.getFinished());
            case EVENT_NOT_SET -> {
                // an event of a newer server
            }
        }
    }

    private void onDelta(Delta delta) {
        choices.computeIfAbsent(delta.getChoice(), _ -> new Answer.Gathering()).add(delta);
        onDelta.accept(delta);
    }
}
