package sightline.runtime;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a task at even intervals on a thread of its own, which never waits for a model, until it is closed. */
public final class Heartbeat implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Heartbeat.class);

    private final ScheduledExecutorService timer;

    /**
     * Starts at once.
     *
     * @param task whose failure is logged; the next beat comes all the same
     */
    public Heartbeat(String threadName, Duration interval, Runnable task) {
        timer = Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name(threadName).factory());
        var _ = timer.scheduleAtFixedRate(() -> beat(task), interval.toNanos(), interval.toNanos(),
                TimeUnit.NANOSECONDS);
    }

    /** Runs something else on the same thread, between two beats. */
    public void execute(Runnable task) {
        timer.execute(task);
    }

    private static void beat(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            LOG.error("event=beat-failed", e); // a timer whose task throws would never beat again
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
