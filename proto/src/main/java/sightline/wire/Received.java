package sightline.wire;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An error as the calling side of a gRPC call sees it.
 *
 * @param status the status code's name, such as {@code UNAVAILABLE}
 * @param reason the {@link Failure#reason()}; absent when gRPC itself ended the call
 * @param fields paths of the bad fields, if any
 */
public record Received(String status, Optional<String> reason, String message, List<String> fields,
        Optional<Duration> retryAfter) {

    public Received {
        fields = List.copyOf(fields);
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
