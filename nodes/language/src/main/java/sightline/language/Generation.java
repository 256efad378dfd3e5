package sightline.language;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import sightline.language.model.ImageRows;
import sightline.language.model.Prompt;
import sightline.language.sample.Scores;
import sightline.wire.Failure;

/**
 * One request inside the language model, from admission to its last token. Mutable; the actor's alone.
 */
final class Generation {
    private final ValidBegin begin;
    private final CreditPurse purse;
    private final Consumer<GenerationEvent> listener;
    private final long arrivedNanos;
    private Optional<Prompt> prompt;
    private long reservedNanos;
    private long fetchedNanos;
    private long firstTokenNanos;
    private int generated;
    private int lastToken;

    Generation(ValidBegin begin, CreditPurse purse, Consumer<GenerationEvent> listener, long nowNanos) {
        this.begin = begin;
        this.purse = purse;
        this.listener = listener;
        this.arrivedNanos = nowNanos;
        this.prompt = begin.images().isEmpty()
                ? Optional.of(new Prompt(begin.promptIds(), List.of()))
                : Optional.empty();
    }

    ValidBegin begin() {
        return begin;
    }

    CreditPurse purse() {
        return purse;
    }

    /** Its KV blocks are there: the projected tokens may come. */
    void onReserved(long nowNanos) {
        reservedNanos = nowNanos;
        fetchedNanos = nowNanos;
        listener.accept(new GenerationEvent.Reserved());
    }

    void onFetched(List<ImageRows> images, long nowNanos) {
        fetchedNanos = nowNanos;
        prompt = Optional.of(new Prompt(begin.promptIds(), images));
    }

    /** There from {@link #onFetched} to the first token. */
    Prompt prompt() {
        return prompt.orElseThrow(() -> new IllegalStateException("no prompt: " + begin.requestId()));
    }

    /** Place of the next token in the answer. */
    int nextIndex() {
        return generated;
    }

    /** The token generated last, which the next step reads. */
    int lastToken() {
        return lastToken;
    }

    /** Position of {@link #lastToken} in the sequence. */
    int lastPosition() {
        return begin.promptIds().size() + generated - 1;
    }

    void onToken(int id, Optional<Scores> scores, long nowNanos) {
        if (generated == 0) {
            firstTokenNanos = nowNanos;
            prompt = Optional.empty();
            listener.accept(new GenerationEvent.Prefilled(reservedNanos - arrivedNanos, fetchedNanos - reservedNanos,
                    nowNanos - fetchedNanos));
        }
        listener.accept(new GenerationEvent.Token(generated, id, scores));
        generated++;
        lastToken = id;
    }

    void onComplete(boolean byEndToken, long nowNanos) {
        long decodeNanos = nowNanos - firstTokenNanos;
        listener.accept(byEndToken
                ? new GenerationEvent.EndedByToken(lastToken, decodeNanos)
                : new GenerationEvent.EndedByLength(decodeNanos));
    }

    void onFailure(Failure failure) {
        listener.accept(new GenerationEvent.Failed(failure));
    }
}
