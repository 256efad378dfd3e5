package sightline.language;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the heart of every open call beat, and gives up those whose router has been silent for too long; from a thread
 * of its own that never waits for the model.
 */
final class Beats implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Beats.class);

    private final Duration silence;
    private final LongSupplier nanoTime;
    private final Set<GenerateCall> calls = ConcurrentHashMap.newKeySet();
    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("language-beats").factory());

    /**
     * Starts the timer.
     *
     * @param silence how long a router may say nothing
     */
    Beats(Duration interval, Duration silence, LongSupplier nanoTime) {
        this.silence = silence;
        this.nanoTime = nanoTime;
        var _ = timer.scheduleAtFixedRate(this::beat, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** The time by which silence is measured. */
    long nowNanos() {
        return nanoTime.getAsLong();
    }

    /** Takes the call on until it is over. */
    void add(GenerateCall call) {
        calls.add(call);
    }

    private void beat() {
        try {
            calls.removeIf(GenerateCall::isOver);
            calls.forEach(call -> beat(call, nowNanos()));
        } catch (RuntimeException e) {
            LOG.error("event=beat-failed", e); // and goes on: a timer whose task throws would never beat again
        }
    }

    private void beat(GenerateCall call, long nowNanos) {
        if (nowNanos - call.heardNanos() >= silence.toNanos()) {
            call.onSilence(silence);
        } else {
            call.beat();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
