package sightline.language;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import sightline.language.ValidBegin.TicketedRows;
import sightline.language.model.ImageRows;
import sightline.language.model.Prompt;
import sightline.language.sample.Scores;
import sightline.wire.Failure;

/**
 * One request inside the language model, from admission to its last token. Mutable; the actor's alone.
 */
final class Generation {
    private ValidBegin begin;
    private final CreditPurse purse;
    private final Consumer<GenerationEvent> listener;
    private final long arrivedNanos;
    private final List<Integer> tokens = new ArrayList<>();
    private final Set<Integer> wanted = new HashSet<>();
    private final SortedMap<Integer, ImageRows> fetched = new TreeMap<>();
    private Prompt prompt;
    private boolean isGenerating;
    private boolean isReserved;
    private int inPlace;
    private int cachedTokens;
    private long reservedNanos;
    private boolean lacksRows;
    private long lacksRowsNanos;
    private long handoffNanos;
    private long firstTokenNanos;

    Generation(ValidBegin begin, CreditPurse purse, Consumer<GenerationEvent> listener, long nowNanos) {
        this.begin = begin;
        this.purse = purse;
        this.listener = listener;
        this.arrivedNanos = nowNanos;
        this.prompt = new Prompt(begin.promptIds(), List.of());
        this.tokens.addAll(begin.answerIds());
    }

    ValidBegin begin() {
        return begin;
    }

    CreditPurse purse() {
        return purse;
    }

    /** It is a suspect whose turn has come. */
    void onTurn() {
        listener.accept(new GenerationEvent.Turn());
    }

    /**
     * Its KV blocks are there: the projected tokens may come that are needed behind those that were kept.
     *
     * @param cached positions that need not be read
     */
    void onReserved(int cached, long nowNanos) {
        if (!isGenerating) {
            cachedTokens = cached;
            reservedNanos = nowNanos;
            handoffNanos = 0;
        }
        isReserved = true;
        inPlace = cached;
        want();
    }

    /** More of its prompt is in its KV blocks: those from {@code from} to {@code to} need not be read. */
    void onRecalled(int from, int to) {
        cachedTokens += to - from;
        inPlace = to;
    }

    /** It has given its KV blocks back, and fetches nothing before it has some again. */
    void onReleased() {
        isReserved = false;
        lacksRows = false;
    }

    /** One of the images that came without a ticket has it now. */
    void onTicket(int image, TicketedRows rows) {
        begin = begin.with(image, rows);
    }

    /**
     * Asks for the projected tokens that are needed, unless it has; a suspect at once, which computes nothing, so that its
     * turn need not wait for them.
     */
    void want() {
        boolean asks = isReserved || begin.suspect();
        for (int i = 0; i < begin.images().size() && asks; i++) {
            if (begin.images().get(i) instanceof TicketedRows rows && rows.end() > inPlace && wanted.add(i)) {
                listener.accept(new GenerationEvent.Wanted(i, rows));
            }
        }
    }

    void onFetched(int image, ImageRows rows) {
        fetched.put(image, rows);
        prompt = new Prompt(begin.promptIds(), List.copyOf(fetched.values()));
    }

    /** Whether it cannot go on reading before projected tokens come. */
    void lacksRows(boolean now, long nowNanos) {
        if (lacksRows && !now) {
            handoffNanos += nowNanos - lacksRowsNanos;
        } else if (!lacksRows && now) {
            lacksRowsNanos = nowNanos;
        }
        lacksRows = now;
    }

    /** With the projected tokens that have come; kept to the end, in case it has to be read again. */
    Prompt prompt() {
        return prompt;
    }

    /** How many tokens the answer has so far, those that were generated elsewhere included. */
    int tokens() {
        return tokens.size();
    }

    /** The token at this place of the answer. */
    int token(int index) {
        return tokens.get(index);
    }

    /** So many tokens of the answer, from its first. */
    List<Integer> first(int count) {
        return tokens.subList(0, count);
    }

    /** Whether nothing may follow, whatever the answer's length. */
    boolean isEnded() {
        return begin.isEndedBy(tokens);
    }

    /** Position in the sequence of the token at this place of the answer. */
    int position(int index) {
        return begin.promptIds().size() + index;
    }

    void onToken(int id, Optional<Scores> scores, long nowNanos) {
        if (!isGenerating) {
            isGenerating = true;
            firstTokenNanos = nowNanos;
            listener.accept(new GenerationEvent.Prefilled(cachedTokens, reservedNanos - arrivedNanos,
                    handoffNanos, nowNanos - reservedNanos - handoffNanos));
        }
        listener.accept(new GenerationEvent.Token(tokens.size(), id, scores));
        tokens.add(id);
    }

    /** @param byItself rather than by its length */
    void onComplete(boolean byItself, long nowNanos) {
        long decodeNanos = nowNanos - firstTokenNanos;
        if (!byItself) {
            listener.accept(new GenerationEvent.EndedByLength(decodeNanos));
        } else if (begin.endIds().contains(tokens.getLast())) {
            listener.accept(new GenerationEvent.EndedByToken(tokens.getLast(), decodeNanos));
        } else {
            listener.accept(new GenerationEvent.EndedByChoice(decodeNanos));
        }
    }

    void onFailure(Failure failure) {
        listener.accept(new GenerationEvent.Failed(failure));
    }

    void onLost() {
        listener.accept(new GenerationEvent.Lost());
    }
}
