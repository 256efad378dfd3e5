package sightline.vision;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.pekko.Done;
import sightline.runtime.Heartbeat;

/** Makes the heart of every open stream beat, never waiting for the encoder. */
final class Beats implements AutoCloseable {
    private final Set<EncodeStream> streams = ConcurrentHashMap.newKeySet();
    private final CompletableFuture<Done> drained = new CompletableFuture<>();
    private volatile boolean draining;
    private final Heartbeat heartbeat;

    Beats(Duration interval) {
        heartbeat = new Heartbeat("vision-beats", interval, this::beat);
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
        heartbeat.execute(this::forgetEnded);
        return drained;
    }

    private void beat() {
        forgetEnded();
        long nowNanos = System.nanoTime();
        streams.forEach(stream -> stream.onBeat(nowNanos));
    }

    private void forgetEnded() {
        streams.removeIf(EncodeStream::isOver);
        if (draining && streams.isEmpty()) {
            drained.complete(Done.getInstance());
        }
    }

    @Override
    public void close() {
        heartbeat.close();
    }
}
