package sightline.router;

import com.typesafe.config.Config;
import java.time.Duration;
import sightline.router.fleet.FleetSettings;
import sightline.router.request.RequestLimits;
import sightline.router.session.SessionLimits;
import sightline.router.session.SessionRules;
import sightline.runtime.NodeSettings;

/**
 * The settings of a router.
 *
 * @param listener the public port
 * @param defaultDeadline of a call without one
 * @param longestDeadline that a call may have; longer ones are cut
 * @param messageTimeout from the beginning of a call until its message is whole
 * @param promptThreads that render and encode prompts
 * @param relays calls for projected tokens that are passed on at a time
 */
public record RouterSettings(NodeSettings.Listener listener, Duration defaultDeadline, Duration longestDeadline,
        Duration messageTimeout, int promptThreads, int relays, RequestLimits requests, SessionLimits sessions,
        SessionRules rules,
        FleetSettings fleet) {

    public RouterSettings {
        if (!defaultDeadline.isPositive() || defaultDeadline.compareTo(longestDeadline) > 0)
            throw new IllegalArgumentException("router.default-deadline: " + defaultDeadline
                    + " (expected: above 0, at most longest-deadline " + longestDeadline + ")");
        if (!messageTimeout.isPositive())
            throw new IllegalArgumentException("router.message-timeout: " + messageTimeout + " (expected: above 0)");
        if (promptThreads < 1)
            throw new IllegalArgumentException("router.prompt-threads: " + promptThreads + " (expected: >= 1)");
        if (relays < 1)
            throw new IllegalArgumentException("router.max-relays: " + relays + " (expected: >= 1)");
        if (fleet.picturesInFlight() < requests.pictures())
            throw new IllegalArgumentException("router.pictures-in-flight: " + fleet.picturesInFlight()
                    + " (expected: at least limits.pictures " + requests.pictures() + ", which go to one node)");
    }

    /** Reads the section router. */
    public static RouterSettings from(Config settings) {
        var section = settings.getConfig("router");
        return new RouterSettings(NodeSettings.Listener.from(section), section.getDuration("default-deadline"),
                section.getDuration("longest-deadline"), section.getDuration("message-timeout"),
                section.getInt("prompt-threads"), section.getInt("max-relays"),
                RequestLimits.from(section.getConfig("limits")), SessionLimits.from(section),
                SessionRules.from(section), FleetSettings.from(section));
    }
}
