package sightline.router;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import sightline.router.session.SessionLimits;
import sightline.wire.Failure;

/**
 * Bounds the bytes that the messages of all calls under way hold together, each from its first byte until its call is
 * over, and the time that a message may take to arrive. For any thread.
 *
 * <p>Where there is no room, messages that have stopped arriving go first, the longest silent one before the others; only
 * then is the call refused that wants more.
 */
final class RequestMemory {
    /** Above the pauses of a slow line, and what a refused client waits before it tries again. */
    private static final long STALLED_NANOS = Duration.ofSeconds(1).toNanos();

    /** Memory that a byte takes before its message is parsed: buffers are not full (504 MB took 1,037 MB). */
    private static final int UNPARSED = 2;

    private final SessionLimits limits;
    private final Duration messageTimeout;
    private final LongConsumer watcher;
    /** Calls whose message is not whole, the longest silent one first. Guarded by this. */
    private final SequencedSet<Share> arriving = new LinkedHashSet<>();
    private long heldBytes; // guarded by this

    private record Refusal(Share share, Failure failure) {}

    /**
     * Nobody holds anything yet.
     *
     * @param messageTimeout from the beginning of a call until its message is whole
     * @param watcher told how many bytes are held, whenever that changes
     */
    RequestMemory(SessionLimits limits, Duration messageTimeout, LongConsumer watcher) {
        this.limits = limits;
        this.messageTimeout = messageTimeout;
        this.watcher = watcher;
    }

    /** Of a call that has just come, and holds nothing. */
    Share share() {
        return new Share();
    }

    /** Refuses the calls whose message takes too long. */
    void endOverdue(long nowNanos) {
        var overdue = new ArrayList<Refusal>();
        var failure = new Failure.Deadline(
                "the message is not whole after " + messageTimeout.toSeconds()
                        + " s (expected: router.message-timeout)");
        synchronized (this) {
            for (Share share : List.copyOf(arriving))
                if (nowNanos - share.begunNanos >= messageTimeout.toNanos())
                    overdue.add(release(share, failure));
        }
        tell(overdue);
    }

    /** What one call holds of the memory. */
    final class Share {
        private Consumer<Failure> refusal = _ -> {};
        private long bytes;
        private long begunNanos;
        private long heardNanos;
        private boolean over;

        private Share() {}

        /**
         * The call's message is waited for from now on.
         *
         * @param onRefusal told once, by any thread, if the call is to end before its message is whole
         */
        void begin(long nowNanos, Consumer<Failure> onRefusal) {
            synchronized (RequestMemory.this) {
                refusal = onRefusal;
                expectMessage(nowNanos);
            }
        }

        /** A message begins to arrive. */
        void expectMessage(long nowNanos) {
            synchronized (RequestMemory.this) {
                if (!over && arriving.add(this)) {
                    begunNanos = nowNanos;
                    heardNanos = nowNanos;
                }
            }
        }

        /** More of the message has come. */
        void arrived(long more, long nowNanos) {
            List<Refusal> refusals;
            synchronized (RequestMemory.this) {
                if (over)
                    return;
                heardNanos = nowNanos;
                if (arriving.remove(this))
                    arriving.addLast(this);
                refusals = grow(this, UNPARSED * more, nowNanos);
            }
            tell(refusals);
        }

        /** The message is here; from now on the call is refused by nobody but itself. */
        void whole() {
            synchronized (RequestMemory.this) {
                arriving.remove(this);
            }
        }

        /** Makes room for the message as it is once it is unpacked; says why there is none. */
        Optional<Failure> holdAtLeast(long total, long nowNanos) {
            List<Refusal> refusals;
            synchronized (RequestMemory.this) {
                refusals = grow(this, Math.max(0, total - bytes), nowNanos);
            }
            tell(refusals.stream().filter(refused -> refused.share() != this).toList());
            return refusals.stream().filter(refused -> refused.share() == this).map(Refusal::failure).findFirst();
        }

        /** The message is parsed, and its buffers are free. */
        void parsed(long total) {
            synchronized (RequestMemory.this) {
                if (!over)
                    hold(this, Math.min(bytes, total));
            }
        }

        /** Whether the call was refused or has ended, so that nothing that still comes of it counts. */
        boolean isOver() {
            synchronized (RequestMemory.this) {
                return over;
            }
        }

        /** The call is over. */
        void close() {
            synchronized (RequestMemory.this) {
                free(this);
            }
        }
    }

    /** Those who have to go so that this share can grow; it may be itself. */
    private List<Refusal> grow(Share share, long more, long nowNanos) {
        var refusals = hasRoomFor(more) ? List.<Refusal>of() : makeRoom(share, more, nowNanos);
        if (!share.over)
            hold(share, share.bytes + more);
        return refusals;
    }

    private List<Refusal> makeRoom(Share share, long more, long nowNanos) {
        var refusals = new ArrayList<Refusal>();
        for (Share silent : List.copyOf(arriving)) {
            if (hasRoomFor(more) || nowNanos - silent.heardNanos < STALLED_NANOS)
                break;
            if (silent != share && silent.bytes > 0)
                refusals.add(release(silent, overloaded("a message that has stopped arriving is in the way of others",
                        "all of it at once")));
        }
        if (!hasRoomFor(more))
            refusals.add(release(share,
                    overloaded("requests under way hold " + heldBytes + " bytes", "room for " + more + " more")));
        return refusals;
    }

    private boolean hasRoomFor(long more) {
        return heldBytes + more <= limits.bytes();
    }

    private Refusal release(Share share, Failure failure) {
        free(share);
        return new Refusal(share, failure);
    }

    private void free(Share share) {
        share.over = true;
        arriving.remove(share);
        hold(share, 0);
    }

    private void hold(Share share, long bytes) {
        heldBytes += bytes - share.bytes;
        share.bytes = bytes;
        watcher.accept(heldBytes);
    }

    private Failure overloaded(String got, String expected) {
        return new Failure.Overloaded(got + " (expected: " + expected + ")", limits.retryAfter());
    }

    /** Outside the lock, since it calls into gRPC. */
    private static void tell(List<Refusal> refusals) {
        refusals.forEach(refused -> refused.share().refusal.accept(refused.failure()));
    }
}
