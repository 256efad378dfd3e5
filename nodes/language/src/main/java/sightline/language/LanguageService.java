package sightline.language;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import sightline.language.schedule.SequenceId;
import sightline.runtime.Outbox;
import sightline.runtime.Places;
import sightline.stage.v1.Begin;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.LanguageGrpc;
import sightline.stage.v1.LateTicket;
import sightline.wire.Failure;

/**
 * Serves generation, one stream per request: everything a request held is free within one step after its stream ends,
 * however it ends.
 */
final class LanguageService extends LanguageGrpc.LanguageImplBase {
    private final Parts parts;
    private final BeginParser parser;
    private final AtomicLong lastId = new AtomicLong();

    /**
     * What the service works with.
     *
     * @param imageMemory memory for projected tokens, of which a request holds what its pictures take
     * @param retryAfter what a request is told when all places are taken
     * @param fetchStalledAfter how long a call for projected tokens may bring nothing
     * @param stopped done when the model is gone
     */
    record Parts(ActorRef<LanguageModel.Command> model, ServedShape served, Places places, ImageMemory imageMemory,
            LoadBoard board, LanguageMetrics metrics, FetchChannels channels, Beats beats, Duration retryAfter,
            Duration fetchStalledAfter,
            CompletableFuture<Done> stopped) {}

    LanguageService(Parts parts) {
        this.parts = parts;
        this.parser = new BeginParser(parts.served());
    }

    @Override
    public StreamObserver<GenerateCommand> generate(StreamObserver<GenerateEvent> events) {
        var stream = (ServerCallStreamObserver<GenerateEvent>) events;
        var outbox = new Outbox<>(stream);
        var call = new GenerateCall(this, outbox, parts.beats());
        stream.setOnReadyHandler(outbox::drain);
        stream.setOnCancelHandler(call::onGone);
        parts.beats().add(call);
        return call;
    }

    /**
     * Checks a request and takes a place for it.
     *
     * @throws Refusal if it is bad, or the node is full
     */
    Attempt admit(Begin begin, Outbox<GenerateEvent> outbox) throws Refusal {
        var request = parser.parse(begin, System.nanoTime());
        if (!parts.places().tryTake()) {
            throw overloaded("all places are taken");
        }
        var images = parts.imageMemory().take(request.images());
        if (images.isEmpty()) {
            parts.places().giveBack();
            throw overloaded("the pictures of other requests take all memory for projected tokens");
        }
        return new Attempt(new SequenceId(lastId.incrementAndGet()), request, parts.model(), outbox,
                new ProjectionFetch(parts.channels(), parts.metrics()), images.get());
    }

    /**
     * Checks the ticket of an image that came without.
     *
     * @throws Refusal if it is bad, or none is awaited
     */
    void take(LateTicket late, Attempt attempt) throws Refusal {
        attempt.ticket(late.getImage(), parser.parse(late, attempt.request()));
    }

    private Refusal overloaded(String why) {
        return new Refusal(new Failure.Overloaded(why, parts.retryAfter()));
    }

    Parts parts() {
        return parts;
    }
}
