package sightline.wire;

import com.google.common.base.CaseFormat;
import java.time.Duration;
import java.util.Optional;

/**
 * Everything that can go wrong with a request, in words fit for the eyes of whoever sent it.
 *
 * <p>The reasons are those of the public contract, except for the last group, which only nodes tell one another.
 */
public sealed interface Failure {
    /** About what a node takes to come back. */
    Duration RESTART = Duration.ofSeconds(1);

    /** The reason's name on the wire, which is the record's: {@code BAD_FIELD} for {@link BadField}. */
    default String reason() {
        return CaseFormat.UPPER_CAMEL.to(CaseFormat.UPPER_UNDERSCORE, getClass().getSimpleName());
    }

    /** What was wrong and what was expected; names nothing of the inside. */
    String message();

    /** The path of the field that is to blame, written as in inference.proto, where it is one. */
    default Optional<String> place() {
        return Optional.empty();
    }

    /** The message behind the path of the field that is to blame. */
    default String text() {
        return place().map(path -> path + ": ").orElse("") + message();
    }

    /** The same failure, blamed on this field where it can be one field's fault. */
    default Failure at(String path) {
        return this;
    }

    /** How long to wait before trying again, where that may help. */
    default Optional<Duration> retryAfter() {
        return Optional.empty();
    }

    /** A field is missing, out of range, or over its own cap; the message reads {@code got (expected: …)}. */
    record BadField(String field, String message) implements Failure {
        @Override
        public Optional<String> place() {
            return Optional.of(field);
        }
    }

    /** A picture cannot be read, or, where no place is told, pictures and their marks differ in number. */
    record BadImage(Optional<String> place, String message) implements Failure {
        public BadImage(String message) {
            this(Optional.empty(), message);
        }

        @Override
        public BadImage at(String path) {
            return new BadImage(Optional.of(path), message);
        }
    }

    record PromptTooLong(String message) implements Failure {}

    record BadMessage(String message) implements Failure {}

    record Quota(String message) implements Failure {}

    record SlowClient(String message) implements Failure {}

    /** The cluster is full; trying again after {@code backoff} may help. */
    record Overloaded(String message, Duration backoff) implements Failure {
        public Overloaded {
            if (backoff.isNegative())
                throw new IllegalArgumentException("backoff: " + backoff + " (expected: >= 0)");
        }

        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(backoff);
        }
    }

    /** This process is going away; another one may be asked at once. */
    record Draining(String message) implements Failure {
        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(Duration.ZERO);
        }
    }

    record NoReplica(String message) implements Failure {
        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(RESTART);
        }
    }

    record NoEqualReplica(String message) implements Failure {
        @Override
        public Optional<Duration> retryAfter() {
            return Optional.of(RESTART);
        }
    }

    record Deadline(String message) implements Failure {}

    record UnknownModel(String message) implements Failure {}

    record DuplicateRequest(String message) implements Failure {}

    record Diverged(String message) implements Failure {}

    record Poison(String message) implements Failure {}

    /** Anything else; only the request id is told, so that the log can be searched for it, and at what it happened. */
    record Bug(String requestId, Optional<String> place) implements Failure {
        public Bug(String requestId) {
            this(requestId, Optional.empty());
        }

        @Override
        public Bug at(String path) {
            return new Bug(requestId, Optional.of(path));
        }

        @Override
        public String message() {
            return "internal error, request " + requestId;
        }
    }

    /** The one who asked has gone. */
    record Cancelled(String message) implements Failure {}

    /** Between nodes only: the projected tokens that were asked for are no longer held. */
    record NotHeld(String message) implements Failure {}

    /** Between nodes only: the sender speaks of another model than the one served here. */
    record WrongModel(String message) implements Failure {}

    /** Between nodes only: projected tokens whose shape, dtype or bytes are not those of the ticket. */
    record BadTensor(String message) implements Failure {}
}
