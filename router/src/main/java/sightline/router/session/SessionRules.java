package sightline.router.session;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * What every session is held to.
 *
 * @param waitForReplica how long a request waits for a node that can serve it
 * @param creditTokens tokens that a replica may send before the client has read any
 * @param slowClientAfter a client that reads nothing for this long is given up
 * @param silentAfter a replica that says nothing for this long is lost
 * @param stalledAfter a replica that makes no step for this long, though it says that it lives, is lost too
 * @param beatInterval how often a session tells its replica that it lives
 */
public record SessionRules(Duration waitForReplica, int creditTokens, Duration slowClientAfter, Duration silentAfter,
        Duration stalledAfter, Duration beatInterval) {

    public SessionRules {
        if (creditTokens < 1)
            throw new IllegalArgumentException("router.token-credit: " + creditTokens + " (expected: >= 1)");
        if (waitForReplica.isNegative() || !slowClientAfter.isPositive() || !stalledAfter.isPositive())
            throw new IllegalArgumentException("router: wait-for-replica " + waitForReplica + ", slow-client-after "
                    + slowClientAfter + ", stalled-after " + stalledAfter + " (expected: >= 0, above 0, above 0)");
        if (!beatInterval.isPositive() || silentAfter.compareTo(beatInterval) <= 0)
            throw new IllegalArgumentException(
                    "router.silent-after: " + silentAfter + " (expected: above beat-interval " + beatInterval
                            + ", which is above 0)");
    }

    /**
     * How long a replica whose stream broke may take to describe itself again before it counts as dead: it is asked at
     * least twice, and may take its time as often.
     */
    Duration trialTime() {
        return silentAfter.multipliedBy(2);
    }

    /** How often a session looks whose replicas are at work: often enough to beat, and to notice silence soon. */
    Duration settledTick() {
        var soon = silentAfter.dividedBy(8);
        return soon.compareTo(beatInterval) < 0 ? soon : beatInterval;
    }

    /** Reads the section router. */
    public static SessionRules from(Config section) {
        return new SessionRules(section.getDuration("wait-for-replica"), section.getInt("token-credit"),
                section.getDuration("slow-client-after"), section.getDuration("silent-after"),
                section.getDuration("stalled-after"), section.getDuration("beat-interval"));
    }
}
