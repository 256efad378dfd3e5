package sightline.language;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import sightline.runtime.Heartbeat;

/**
 * Makes the heart of every open call beat, and gives up those whose router has been silent for too long; from a thread
 * of its own that never waits for the model.
 */
final class Beats implements AutoCloseable {
    private final Duration silence;
    private final LongSupplier nanoTime;
    private final Set<GenerateCall> calls = ConcurrentHashMap.newKeySet();
    private final Heartbeat heartbeat;

    /**
     * Starts the timer.
     *
     * @param silence how long a router may say nothing
     */
    Beats(Duration interval, Duration silence, LongSupplier nanoTime) {
        this.silence = silence;
        this.nanoTime = nanoTime;
        heartbeat = new Heartbeat("language-beats", interval, this::beat);
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
        calls.removeIf(GenerateCall::isOver);
        calls.forEach(call -> beat(call, nowNanos()));
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
        heartbeat.close();
    }
}
