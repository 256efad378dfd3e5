package sightline.router.session;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How much this router takes on.
 *
 * @param sessions that may live at a time
 * @param bytes that the messages of all calls under way hold together
 * @param retryAfter what a refused client is told to wait
 */
public record SessionLimits(int sessions, long bytes, Duration retryAfter) {

    public SessionLimits {
        if (sessions < 1 || bytes < 1 || retryAfter.isNegative())
            throw new IllegalArgumentException("router: max-sessions " + sessions + ", max-session-bytes " + bytes
                    + ", retry-after " + retryAfter + " (expected: >= 1, >= 1, >= 0)");
    }

    /** Reads the section router. */
    public static SessionLimits from(Config section) {
        return new SessionLimits(section.getInt("max-sessions"), section.getBytes("max-session-bytes"),
                section.getDuration("retry-after"));
    }
}
