package sightline.router.session;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import sightline.wire.Failure;

/**
 * Which requests are running, and whether one more may: a pure value.
 *
 * @param bytesByRequest of each running request
 */
record Admission(SessionLimits limits, Map<String, Long> bytesByRequest, boolean draining) {

    Admission {
        bytesByRequest = Map.copyOf(bytesByRequest);
    }

    static Admission open(SessionLimits limits) {
        return new Admission(limits, Map.of(), false);
    }

    /** Why the request may not run now, if so. */
    Optional<Failure> refusal(String requestId, long bytes) {
        if (draining)
            return Optional.of(new Failure.Draining("this router is going away (expected: another one is asked)"));
        if (bytesByRequest.containsKey(requestId))
            return Optional.of(new Failure.DuplicateRequest("request_id: one that is running (expected: a new one)"));
        if (bytesByRequest.size() >= limits.sessions())
            return Optional.of(new Failure.Overloaded(
                    bytesByRequest.size() + " requests run (expected: fewer than " + limits.sessions() + ")",
                    limits.retryAfter()));
        long held = bytesByRequest.values().stream().mapToLong(Long::longValue).sum();
        if (held + bytes > limits.bytes())
            return Optional.of(new Failure.Overloaded(
                    "running requests hold " + held + " bytes (expected: room for " + bytes + " more)",
                    limits.retryAfter()));
        return Optional.empty();
    }

    Admission admit(String requestId, long bytes) {
        var more = new HashMap<>(bytesByRequest);
        more.put(requestId, bytes);
        return new Admission(limits, more, draining);
    }

    Admission release(String requestId) {
        var fewer = new HashMap<>(bytesByRequest);
        fewer.remove(requestId);
        return new Admission(limits, fewer, draining);
    }

    /** Takes no more; those that run go on. */
    Admission drain() {
        return new Admission(limits, bytesByRequest, true);
    }
}
