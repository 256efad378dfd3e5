package sightline.language;

import java.util.Optional;
import sightline.language.ValidBegin.TicketedRows;
import sightline.language.sample.Scores;
import sightline.wire.Failure;

/**
 * What the language model tells about one request, on the model's thread, in this order; one of the last five is the
 * last. After a withdrawal nothing more is told.
 */
sealed interface GenerationEvent {
    /** It is suspected of a crash, and runs next, once the router knows. */
    record Turn() implements GenerationEvent {}

    /**
     * KV is reserved, and the projected tokens of this image are to be read: they may be fetched.
     *
     * @param image counted from 0
     */
    record Wanted(int image, TicketedRows rows) implements GenerationEvent {}

    /**
     * The prompt is read; projected tokens are needed no more.
     *
     * @param cachedTokens prompt positions that needed not be read
     */
    record Prefilled(int cachedTokens, long queueNanos, long handoffNanos,
            long prefillNanos) implements GenerationEvent {}

    /**
     * One more token.
     *
     * @param index its place in the answer, from 0
     */
    record Token(int index, int id, Optional<Scores> scores) implements GenerationEvent {}

    record EndedByToken(int endId, long decodeNanos) implements GenerationEvent {}

    /** It is one of the choices that were given. */
    record EndedByChoice(long decodeNanos) implements GenerationEvent {}

    record EndedByLength(long decodeNanos) implements GenerationEvent {}

    record Failed(Failure failure) implements GenerationEvent {}

    /** A part of the replica died, and all that it held with it. */
    record Lost() implements GenerationEvent {}
}
