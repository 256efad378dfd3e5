package sightline.router.session;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import sightline.wire.Failure;

/** Which requests are running, and whether one more may. For one thread. */
final class Admission {
    private final SessionLimits limits;
    private final Set<String> running = new HashSet<>();
    private boolean draining;

    Admission(SessionLimits limits) {
        this.limits = limits;
    }

    /** Why the request may not run now, if so. */
    Optional<Failure> refusal(String requestId) {
        if (draining)
            return Optional.of(new Failure.Draining("this router is going away (expected: another one is asked)"));
        if (running.contains(requestId))
            return Optional.of(new Failure.DuplicateRequest("request_id: one that is running (expected: a new one)"));
        if (running.size() >= limits.sessions())
            return Optional.of(new Failure.Overloaded(
                    running.size() + " requests run (expected: fewer than " + limits.sessions() + ")",
                    limits.retryAfter()));
        return Optional.empty();
    }

    void admit(String requestId) {
        running.add(requestId);
    }

    void release(String requestId) {
        running.remove(requestId);
    }

    /** Takes no more; those that run go on. */
    void drain() {
        draining = true;
    }
}
