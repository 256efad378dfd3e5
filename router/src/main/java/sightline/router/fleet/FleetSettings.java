package sightline.router.fleet;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How this router deals with the nodes behind it.
 *
 * @param gather how long pictures of several requests are collected before they are sent on
 * @param picturesInFlight pictures that one vision node may have of this router without having answered
 * @param silentAfter a stream that says nothing for this long is given up, and its node with it
 * @param beatInterval how often this router says that it lives
 */
public record FleetSettings(Duration gather, int picturesInFlight, Duration silentAfter, Duration beatInterval) {

    public FleetSettings {
        if (picturesInFlight < 1 || gather.isNegative() || beatInterval.compareTo(silentAfter) >= 0)
            throw new IllegalArgumentException("router: pictures-in-flight " + picturesInFlight + ", gather " + gather
                    + ", beat-interval " + beatInterval + " (expected: >= 1, >= 0, below silent-after " + silentAfter
                    + ")");
    }

    /** Reads the section router. */
    public static FleetSettings from(Config section) {
        return new FleetSettings(section.getDuration("gather"), section.getInt("pictures-in-flight"),
                section.getDuration("silent-after"), section.getDuration("beat-interval"));
    }
}
