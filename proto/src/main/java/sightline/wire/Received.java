package sightline.wire;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An error as the calling side of a gRPC call sees it.
 *
 * @param status the status code's name, such as {@code UNAVAILABLE}
 * @param reason the {@link Failure#reason()}; absent when gRPC itself ended the call
 * @param violations the bad fields, if any
 * @param retryAfter how long the server wants to be left alone; absent where trying again cannot help
 */
public record Received(String status, Optional<String> reason, String message, List<Violation> violations,
        Optional<Duration> retryAfter) {

    public Received {
        violations = List.copyOf(violations);
    }

    /**
     * A bad field.
     *
     * @param field its path, written as in inference.proto
     * @param description what it holds and what was expected
     */
    public record Violation(String field, String description) {}

    /** Paths of the bad fields. */
    public List<String> fields() {
        return violations.stream().map(Violation::field).toList();
    }

    /**
     * Whether the call ended because the other process could not be reached or went away; to be asked only about calls
     * that were not cancelled on this side.
     */
    public boolean isConnectionLost() {
        // A server that is shut down while calls run resets them, which reads as CANCELLED.
        return reason.isEmpty() && (status.equals("UNAVAILABLE") || status.equals("CANCELLED"));
    }
}
