package sightline.router.session;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import sightline.wire.Failure;

/**
 * Which requests are running, and whether one more may. For one thread.
 *
 * <p>A tenant that runs its equal share or more leaves a free place to each tenant that runs less and found none a short while
 * ago, so that no flood keeps others out.
 */
final class Admission {
    private final SessionLimits limits;
    private final Map<String, Set<String>> running = new HashMap<>();
    private final Map<String, Long> turnedAwayNanos = new HashMap<>();
    private boolean draining;

    Admission(SessionLimits limits) {
        this.limits = limits;
    }

    /** Why the request may not run now, if so. */
    Optional<Failure> refusal(String tenant, String requestId, long nowNanos) {
        if (draining)
            return Optional.of(new Failure.Draining("this router is going away (expected: another one is asked)"));
        if (running.getOrDefault(tenant, Set.of()).contains(requestId))
            return Optional.of(new Failure.DuplicateRequest("request_id: one that is running (expected: a new one)"));
        turnedAwayNanos.values().removeIf(nanos -> nowNanos - nanos > returnsWithin().toNanos());
        int free = limits.sessions() - sessions();
        if (free > placesLeftToOthers(tenant))
            return Optional.empty();
        if (runs(tenant) < share(tenant) && turnedAwayNanos.size() < limits.sessions())
            turnedAwayNanos.put(tenant, nowNanos);
        return Optional.of(new Failure.Overloaded(
                sessions() + " requests run (expected: fewer than " + limits.sessions() + ")", limits.retryAfter()));
    }

    void admit(String tenant, String requestId) {
        running.computeIfAbsent(tenant, _ -> new HashSet<>()).add(requestId);
        turnedAwayNanos.remove(tenant);
    }

    void release(String tenant, String requestId) {
        running.computeIfPresent(tenant, (_, ids) -> {
            ids.remove(requestId);
            return ids.isEmpty() ? null : ids;
        });
    }

    /** Takes no more; those that run go on. */
    void drain() {
        draining = true;
    }

    private long placesLeftToOthers(String tenant) {
        if (runs(tenant) < share(tenant))
            return 0;
        return turnedAwayNanos.keySet()
                .stream()
                .filter(other -> !other.equals(tenant) && runs(other) < share(tenant))
                .count();
    }

    /** What each tenant would run if all that run or ask had the same. */
    private long share(String tenant) {
        long tenants = Stream.of(running.keySet(), turnedAwayNanos.keySet(), Set.of(tenant))
                .flatMap(Set::stream)
                .distinct()
                .count();
        return Math.ceilDiv(limits.sessions(), tenants);
    }

    /** A client that was told to wait is back by then, even if it takes its time. */
    private Duration returnsWithin() {
        return limits.retryAfter().multipliedBy(3);
    }

    private int runs(String tenant) {
        return running.getOrDefault(tenant, Set.of()).size();
    }

    private int sessions() {
        return running.values().stream().mapToInt(Set::size).sum();
    }
}
