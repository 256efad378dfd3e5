package sightline.vision;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the heart of every open stream beat, from a thread of its own that never waits for the encoder. */
final class Beats implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Beats.class);

    private final Set<EncodeStream> streams = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Done> drained = new CompletableFuture<>();
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

    /** Lets every stream end once nothing is left of it, those that come later too; done when the last one has ended. */
    CompletionStage<Done> drain() {
        draining = true;
        streams.forEach(EncodeStream::drain);
        timer.execute(this::forgetEnded);
        return drained;
    }

    private void beat() {
        try {
            forgetEnded();
            long nowNanos = System.nanoTime();
            streams.forEach(stream -> stream.onBeat(nowNanos));
        } catch (RuntimeException e) {
            LOG.error("event=beat-failed", e); // and goes on: a timer whose task throws would never beat again
        }
    }

    private void forgetEnded() {
        streams.removeIf(EncodeStream::isOver);
        if (draining && streams.isEmpty()) {
            drained.complete(Done.getInstance());
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
