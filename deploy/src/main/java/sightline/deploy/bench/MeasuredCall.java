package sightline.deploy.bench;

import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import sightline.v1.Finished;
import sightline.v1.GenerateResponse;
import sightline.wire.StatusMapping;

/** Notes when the events of one call come; gRPC calls it from one thread at a time. */
final class MeasuredCall implements StreamObserver<GenerateResponse> {
    private final long sentNanos = System.nanoTime();
    private final List<Long> tokenNanos = new ArrayList<>();
    private final Consumer<Sample> done;
    private Optional<Finished> finished = Optional.empty();

    /** @param done told once, when the call is over */
    MeasuredCall(Consumer<Sample> done) {
        this.done = done;
    }

    @Override
    public void onNext(GenerateResponse event) {
        long nowNanos = System.nanoTime();
        if (event.hasDelta())
            event.getDelta().getTokenIdsList().forEach(_ -> tokenNanos.add(nowNanos));
        if (event.hasFinished())
            finished = Optional.of(event.getFinished());
    }

    @Override
    public void onError(Throwable error) {
        var received = StatusMapping.read(error);
        end(Optional.of(received.flatMap(r -> r.reason().or(() -> Optional.of(r.status()))).orElse("UNKNOWN")));
    }

    @Override
    public void onCompleted() {
        end(finished.isPresent() ? Optional.empty() : Optional.of("INCOMPLETE"));
    }

    private void end(Optional<String> failure) {
        done.accept(new Sample(sentNanos, tokenNanos, System.nanoTime(), finished, failure));
    }
}
