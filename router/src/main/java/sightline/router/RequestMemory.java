package sightline.router;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import sightline.router.session.SessionLimits;
import sightline.wire.Failure;

/** Bounds the bytes that the messages of all calls under way hold together. For any thread. */
final class RequestMemory {
    private final SessionLimits limits;
    private final AtomicLong held = new AtomicLong();

    RequestMemory(SessionLimits limits) {
        this.limits = limits;
    }

    /** Takes room for a message, or says why there is none. Whoever has taken some gives it back. */
    Optional<Failure> take(long bytes) {
        long others = held.getAndAdd(bytes);
        if (others + bytes <= limits.bytes())
            return Optional.empty();
        giveBack(bytes);
        return Optional.of(new Failure.Overloaded(
                "requests under way hold " + others + " bytes (expected: room for " + bytes + " more)",
                limits.retryAfter()));
    }

    void giveBack(long bytes) {
        held.addAndGet(-bytes);
    }
}
