package sightline.deploy.jmh;

import java.nio.file.Path;

/** The checkpoint to measure on: {@code -Dsightline.model}, which {@code deploy/bench/jmh} sets to the demo model. */
final class Checkpoint {
    private Checkpoint() {}

    static Path directory() {
        String given = System.getProperty("sightline.model");
        if (given == null)
            throw new IllegalStateException("sightline.model: not set (expected: -Dsightline.model=DIR)");
        return Path.of(given);
    }
}
