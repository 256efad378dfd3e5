package sightline.deploy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import sightline.deploy.cluster.JvmCommand;
import sightline.deploy.cluster.StartCache;

/** {@code sightline start-cache}: what the launcher runs once behind a build, so that later starts are quicker. */
@Command(name = "start-cache", hidden = true, description = "Make the start-up cache of Java.")
final class StartCacheCommand implements Runnable {
    private static final Duration LIMIT = Duration.ofMinutes(2);

    @Parameters(paramLabel = "FILE", description = "Made, or replaced.")
    @SuppressWarnings("NullAway.Init") // set by picocli
    private Path file;

    @Override
    public void run() {
        try {
            var distribution = Distribution.ofThisProcess();
            StartCache.make(JvmCommand.ofThisProcess(distribution.home(), Main.class.getName()),
                    distribution.demoCheckpoint(), file, LIMIT);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
