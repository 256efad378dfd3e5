package sightline.vision;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Makes the heart of every open stream beat, from a thread of its own that never waits for the encoder. */
final class Beats implements AutoCloseable {
    private final Set<EncodeStream> streams = ConcurrentHashMap.newKeySet();
    private volatile boolean draining;
    private final ScheduledExecutorService timer = Executors
            .newSingleThreadScheduledExecutor(Thread.ofPlatform().daemon().name("vision-beats").factory());

    Beats(Duration interval) {
        var _ = timer.scheduleAtFixedRate(this::beat, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Takes the stream on until it is over. */
    void add(EncodeStream stream) {
        streams.add(stream);
        if (draining) {
            stream.drain();
        }
    }

    /** Lets every stream end once it has been answered, those that come later too. */
    void drain() {
        draining = true;
        streams.forEach(EncodeStream::drain);
    }

    private void beat() {
        streams.removeIf(EncodeStream::isOver);
        long nowNanos = System.nanoTime();
        streams.forEach(stream -> stream.onBeat(nowNanos));
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
