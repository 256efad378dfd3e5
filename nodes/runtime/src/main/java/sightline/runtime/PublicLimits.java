package sightline.runtime;

import java.time.Duration;

/**
 * What a port that anybody may reach allows one connection.
 *
 * @param maxResets stream resets within {@code resetWindow}; more closes the connection. A call that its client cancels
 *        counts as two
 * @param maxConnectionAgeGrace no shorter than the longest deadline, or running answers would be cut off
 */
public record PublicLimits(int maxCallsPerConnection, int maxMessageBytes, int maxMetadataBytes,
        Duration handshakeTimeout, Duration permitKeepAlive, Duration keepAlive, Duration keepAliveTimeout,
        Duration maxConnectionIdle, Duration maxConnectionAge, Duration maxConnectionAgeGrace, int maxResets,
        Duration resetWindow) {

    /**
     * The limits to start from.
     *
     * @param longestDeadline of any call
     */
    public static PublicLimits standard(Duration longestDeadline) {
        return new PublicLimits(100, 44 << 20, 8 << 10, Duration.ofSeconds(10), Duration.ofSeconds(30),
                Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofMinutes(5), Duration.ofMinutes(30),
                longestDeadline, 200, Duration.ofSeconds(10));
    }
}
