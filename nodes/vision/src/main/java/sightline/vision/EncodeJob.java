package sightline.vision;

import com.google.protobuf.ByteString;
import java.util.concurrent.atomic.AtomicBoolean;
import sightline.vision.store.Lease;
import sightline.vision.store.ProjectedTokens;
import sightline.wire.Failure;
import sightline.wire.ImageKey;

/** One picture that a router wants encoded. Any thread may cancel it; what is cancelled is told nothing more. */
final class EncodeJob {
    private final Lease lease;
    private final long item;
    private final ImageKey key;
    private final ByteString encoded;
    private final long arrivedNanos;
    private final long deadlineNanos;
    private final Listener listener;
    private final AtomicBoolean cancelled = new AtomicBoolean();

    /** Told once how a job ended, by any thread. */
    interface Listener {
        /** The tokens are held, under the job's lease. */
        void onEncoded(EncodeJob job, ProjectedTokens tokens, Timing timing);

        void onRefused(EncodeJob job, Failure failure);
    }

    /** How long a picture took, in microseconds. */
    record Timing(long queueMicros, long preprocessMicros, long encodeMicros, boolean fromStore) {
        static Timing ofStored() {
            return new Timing(0, 0, 0, true);
        }
    }

    EncodeJob(Lease lease, long item, ImageKey key, ByteString encoded, long arrivedNanos, long deadlineNanos,
            Listener listener) {
        this.lease = lease;
        this.item = item;
        this.key = key;
        this.encoded = encoded;
        this.arrivedNanos = arrivedNanos;
        this.deadlineNanos = deadlineNanos;
        this.listener = listener;
    }

    Lease lease() {
        return lease;
    }

    /** The router's number for it, of use on its stream only. */
    long item() {
        return item;
    }

    ImageKey key() {
        return key;
    }

    /** The picture file. */
    ByteString encoded() {
        return encoded;
    }

    long arrivedNanos() {
        return arrivedNanos;
    }

    Listener listener() {
        return listener;
    }

    void cancel() {
        cancelled.set(true);
    }

    boolean isCancelled() {
        return cancelled.get();
    }

    /** Whether encoding it is of no use: it was cancelled, or its deadline has passed. */
    boolean isUnwanted(long nowNanos) {
        return isCancelled() || nowNanos - deadlineNanos >= 0;
    }
}
