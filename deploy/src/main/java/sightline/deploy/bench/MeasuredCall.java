package sightline.deploy.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import sightline.client.Answer;
import sightline.client.RequestFailed;
import sightline.v1.GenerateResponse;

/** Notes when the events of one request come, one after the other. */
final class MeasuredCall {
    private final long sentNanos = System.nanoTime();
    private final List<Long> tokenNanos = new ArrayList<>();

    void onEvent(GenerateResponse event) {
        long nowNanos = System.nanoTime();
        event.getDelta().getTokenIdsList().forEach(_ -> tokenNanos.add(nowNanos));
    }

    /** What was seen, once the request is over: with a whole answer or with a failure. */
    Sample sample(@Nullable Answer answer, @Nullable Throwable failure) {
        return new Sample(sentNanos, tokenNanos, System.nanoTime(), Optional.ofNullable(answer).map(Answer::finished),
                Optional.ofNullable(failure).map(this::failure));
    }

    private Sample.Failure failure(Throwable failure) {
        if (!(failure instanceof RequestFailed failed))
            return new Sample.Failure("UNKNOWN", false);
        var received = failed.received();
        return new Sample.Failure(received.reason().orElseGet(received::status),
                tokenNanos.isEmpty() && received.retryAfter().isPresent());
    }
}
