package sightline.language;

import java.util.ArrayList;
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
    private final List<Integer> tokens = new ArrayList<>();
    private Prompt prompt;
    private int cachedTokens;
    private long reservedNanos;
    private long fetchedNanos;
    private long firstTokenNanos;

    Generation(ValidBegin begin, CreditPurse purse, Consumer<GenerationEvent> listener, long nowNanos) {
        this.begin = begin;
        this.purse = purse;
        this.listener = listener;
        this.arrivedNanos = nowNanos;
        this.prompt = new Prompt(begin.promptIds(), List.of());
    }

    ValidBegin begin() {
        return begin;
    }

    CreditPurse purse() {
        return purse;
    }

    /**
     * Its KV blocks are there: the projected tokens may come that are needed behind those that were kept.
     *
     * @param cached positions that need not be read
     */
    void onReserved(int cached, long nowNanos) {
        if (tokens.isEmpty()) {
            cachedTokens = cached;
            reservedNanos = nowNanos;
            fetchedNanos = nowNanos;
        }
        listener.accept(new GenerationEvent.Reserved(cached));
    }

    /** @param images all that stand behind the positions that need not be read */
    void onFetched(List<ImageRows> images, long nowNanos) {
        fetchedNanos = nowNanos;
        prompt = new Prompt(begin.promptIds(), images);
    }

    /** With the projected tokens that have come; kept to the end, in case it has to be read again. */
    Prompt prompt() {
        return prompt;
    }

    /** How many tokens the answer has so far. */
    int tokens() {
        return tokens.size();
    }

    /** The token at this place of the answer. */
    int token(int index) {
        return tokens.get(index);
    }

    /** Position in the sequence of the token at this place of the answer. */
    int position(int index) {
        return begin.promptIds().size() + index;
    }

    void onToken(int id, Optional<Scores> scores, long nowNanos) {
        if (tokens.isEmpty()) {
            firstTokenNanos = nowNanos;
            listener.accept(new GenerationEvent.Prefilled(cachedTokens, reservedNanos - arrivedNanos,
                    fetchedNanos - reservedNanos, nowNanos - fetchedNanos));
        }
        listener.accept(new GenerationEvent.Token(tokens.size(), id, scores));
        tokens.add(id);
    }

    void onComplete(boolean byEndToken, long nowNanos) {
        long decodeNanos = nowNanos - firstTokenNanos;
        listener.accept(byEndToken
                ? new GenerationEvent.EndedByToken(tokens.getLast(), decodeNanos)
                : new GenerationEvent.EndedByLength(decodeNanos));
    }

    void onFailure(Failure failure) {
        listener.accept(new GenerationEvent.Failed(failure));
    }
}
