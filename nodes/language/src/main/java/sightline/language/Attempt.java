package sightline.language;

import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import sightline.language.schedule.SequenceId;
import sightline.runtime.Outbox;
import sightline.stage.v1.GenerateEvent;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/**
 * One request that the language model knows of: passes its tokens on, fetches its projected tokens, and withdraws it
 * when nobody listens any more. For any thread.
 */
final class Attempt implements Consumer<GenerationEvent> {
    private final SequenceId id;
    private final ValidBegin request;
    private final ActorRef<LanguageModel.Command> model;
    private final Outbox<GenerateEvent> outbox;
    private final ProjectionFetch fetch;
    private final ImageMemory.Held images;
    private final EventMessages messages;
    private final CreditPurse purse = new CreditPurse();
    private final AtomicBoolean over = new AtomicBoolean();

    Attempt(SequenceId id, ValidBegin request, ActorRef<LanguageModel.Command> model, Outbox<GenerateEvent> outbox,
            ProjectionFetch fetch, ImageMemory.Held images) {
        this.id = id;
        this.request = request;
        this.model = model;
        this.outbox = outbox;
        this.fetch = fetch;
        this.images = images;
        this.messages = new EventMessages(request.epoch(), request.choice());
    }

    /**
     * Hands the request to the model; the caller has taken a place for it. A suspect's projected tokens are fetched at once,
     * which computes nothing, so that no time of its turn goes by with it.
     */
    void begin() {
        model.tell(new LanguageModel.Begin(id, request, purse, this));
        if (request.suspect()) {
            fetchBehind(0);
        }
    }

    void credit(int tokens) {
        if (purse.add(tokens)) {
            model.tell(new LanguageModel.CreditCame(id));
        }
    }

    /** The router knows that the suspect is run now. */
    void takeTurn() {
        model.tell(new LanguageModel.TakeTurn(id));
    }

    /** Looks whether the projected tokens still come. */
    void onBeat(Duration fetchStalledAfter, long nowNanos) {
        fetch.endStalled(fetchStalledAfter, nowNanos);
    }

    /** Nobody listens any more: what the request holds is freed before the next step. */
    void withdraw() {
        if (over.compareAndSet(false, true)) {
            fetch.cancel();
            images.giveBack();
            model.tell(new LanguageModel.Withdraw(id));
        }
    }

    @Override
    public void accept(GenerationEvent event) {
        switch (event) {
            case GenerationEvent.Turn() -> outbox.send(EventMessages.turn());
            case GenerationEvent.Reserved(var positions) -> onReserved(positions);
            case GenerationEvent.Prefilled prefilled -> outbox.send(messages.prefilled(prefilled));
            case GenerationEvent.Token token -> outbox.send(messages.token(token));
            case GenerationEvent.EndedByToken end -> end(messages.ended(end));
            case GenerationEvent.EndedByChoice end -> end(messages.ended(end));
            case GenerationEvent.EndedByLength end -> end(messages.ended(end));
            case GenerationEvent.Failed(var failure) -> end(EventMessages.refused(failure));
            case GenerationEvent.Lost() -> breakOff();
        }
    }

    private void onReserved(int positions) {
        if (!request.suspect()) {
            fetchBehind(positions);
        }
    }

    private void fetchBehind(int positions) {
        var needed = request.images().stream().filter(image -> image.offset() + image.count() > positions).toList();
        if (needed.isEmpty()) {
            return;
        }
        var _ = fetch.start(needed).whenComplete((images, error) -> {
            if (error == null) {
                model.tell(new LanguageModel.Fetched(id, images));
            } else {
                onFetchFailed(error);
            }
        });
    }

    private void onFetchFailed(Throwable error) {
        var cause = error instanceof CompletionException wrapped ? wrapped.getCause() : error;
        var failure = cause instanceof Refusal refusal ? refusal.failure() : new Failure.Bug(request.requestId());
        model.tell(new LanguageModel.NotFetched(id, failure));
    }

    private void end(GenerateEvent last) {
        giveBack();
        outbox.sendLast(last);
    }

    /** For the router the same as if this process had died: the request may be why. */
    private void breakOff() {
        giveBack();
        outbox.fail(StatusMapping.toStatus(new Failure.NoReplica("a stage of the replica is lost")));
    }

    private void giveBack() {
        if (over.compareAndSet(false, true)) {
            fetch.cancel();
            images.giveBack();
        }
    }
}
