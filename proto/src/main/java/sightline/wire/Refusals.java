package sightline.wire;

import java.time.Duration;
import java.util.Optional;
import sightline.stage.v1.Refused;

/** A {@link Failure} inside a stage stream, where one item can be refused while the stream goes on. */
public final class Refusals {
    private Refusals() {}

    /** The failure as a message about {@code item}, which is 0 on a stream that carries one request. */
    public static Refused toProto(long item, Failure failure) {
        var refused = Refused.newBuilder().setItem(item).setReason(failure.reason()).setMessage(failure.message());
        failure.retryAfter().ifPresent(wait -> refused.setRetryAfterMillis(Math.max(1, wait.toMillis())));
        failure.place().ifPresent(refused::setField);
        return refused.build();
    }

    /** The failure that was sent. A reason that this build does not know is a {@link Failure.Bug} of the sender. */
    public static Failure fromProto(Refused refused, String requestId) {
        var message = refused.getMessage();
        return switch (refused.getReason()) {
            case "BAD_FIELD" -> new Failure.BadField(refused.getField(), message);
            case "BAD_IMAGE" -> new Failure.BadImage(place(refused), message);
            case "PROMPT_TOO_LONG" -> new Failure.PromptTooLong(message);
            case "BAD_MESSAGE" -> new Failure.BadMessage(message);
            case "QUOTA" -> new Failure.Quota(message);
            case "SLOW_CLIENT" -> new Failure.SlowClient(message);
            case "OVERLOADED" ->
                    new Failure.Overloaded(message, Duration.ofMillis(Math.max(0, refused.getRetryAfterMillis())));
            case "DRAINING" -> new Failure.Draining(message);
            case "NO_REPLICA" -> new Failure.NoReplica(message);
            case "NO_EQUAL_REPLICA" -> new Failure.NoEqualReplica(message);
            case "DEADLINE" -> new Failure.Deadline(message);
            case "UNKNOWN_MODEL" -> new Failure.UnknownModel(message);
            case "DUPLICATE_REQUEST" -> new Failure.DuplicateRequest(message);
            case "DIVERGED" -> new Failure.Diverged(message);
            case "POISON" -> new Failure.Poison(message);
            case "CANCELLED" -> new Failure.Cancelled(message);
            case "NOT_HELD" -> new Failure.NotHeld(message);
            case "WRONG_MODEL" -> new Failure.WrongModel(message);
            case "BAD_TENSOR" -> new Failure.BadTensor(message);
            default -> new Failure.Bug(requestId, place(refused));
        };
    }

    private static Optional<String> place(Refused refused) {
        return Optional.of(refused.getField()).filter(field -> !field.isEmpty());
    }
}
