package sightline.deploy;

import java.nio.file.Path;

/** The {@code deploy} folder that this program runs from: the demo model stands in it. */
public record Distribution(Path home) {

    private static final String PROPERTY = "sightline.home";

    /** Where the launcher script says that it stands. */
    static Distribution ofThisProcess() {
        String home = System.getProperty(PROPERTY, "");
        if (home.isEmpty()) {
            throw new IllegalStateException(
                    PROPERTY + ": not set (expected: the deploy folder, as deploy/sightline sets it)");
        }
        return new Distribution(Path.of(home));
    }

    public Path demoCheckpoint() {
        return home.resolve("demo-model/checkpoint");
    }

    public Path samplePicture() {
        return home.resolve("demo-model/sample-1.png");
    }
}
