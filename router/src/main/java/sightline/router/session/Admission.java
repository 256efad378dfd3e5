package sightline.router.session;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import sightline.wire.Failure;

/**
 * Which requests are running, and whether one more may: a pure value.
 *
 * @param running ids of the requests
 */
record Admission(SessionLimits limits, Set<String> running, boolean draining) {

    Admission {
        running = Set.copyOf(running);
    }

    static Admission open(SessionLimits limits) {
        return new Admission(limits, Set.of(), false);
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

    Admission admit(String requestId) {
        var more = new HashSet<>(running);
        more.add(requestId);
        return new Admission(limits, more, draining);
    }

    Admission release(String requestId) {
        var fewer = new HashSet<>(running);
        fewer.remove(requestId);
        return new Admission(limits, fewer, draining);
    }

    /** Takes no more; those that run go on. */
    Admission drain() {
        return new Admission(limits, running, true);
    }
}
