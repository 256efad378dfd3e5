package sightline.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import sightline.wire.Received;

/**
 * When a request that failed is sent again, to the next router: a pure function.
 *
 * <p>A router that cannot be reached is passed over at once; when all have failed, each further round waits twice as long
 * as the one before. What a server asks for is waited for in any case, and a little longer, so that not all clients come
 * back together. Only what the contract calls passing is tried again: a lost connection, and a refusal that tells a wait.
 *
 * @param firstBackoff after the first round
 * @param longestBackoff between rounds
 * @param roundsToBegin so often all routers are tried to no avail before an answer has begun; later it is worth waiting
 *        for a router that comes back
 * @param patience how long there may be nothing but failures
 */
record RetryRule(Duration firstBackoff, Duration longestBackoff, int roundsToBegin, Duration patience) {
    static final RetryRule STANDARD = new RetryRule(Duration.ofMillis(100), Duration.ofSeconds(2), 2,
            Duration.ofSeconds(30));

    /** Every failure is reported. */
    static final RetryRule NEVER = new RetryRule(Duration.ZERO, Duration.ZERO, 0, Duration.ZERO);

    /** Of the wait that was asked for, at most so much is added. */
    private static final double SPREAD = 0.25;

    /**
     * How long to wait; absent where the failure is to be reported.
     *
     * @param trouble the failure included
     * @param hasBegun whether the answer has
     */
    Optional<Duration> waitAfter(Received failure, Trouble trouble, boolean hasBegun, int routers, long nowNanos,
            RandomGenerator random) {
        if (!mayPass(failure, trouble, hasBegun))
            return Optional.empty();
        if (!hasBegun && trouble.lost() >= roundsToBegin * routers)
            return Optional.empty();
        long asked = failure.retryAfter().map(wait -> stretched(wait, random)).orElse(0L);
        long waitNanos = Math.max(asked, backoffNanos(trouble.failures(), routers, random));
        long leftNanos = patience.toNanos() - (nowNanos - trouble.sinceNanos());
        return waitNanos < leftNanos ? Optional.of(Duration.ofNanos(waitNanos)) : Optional.empty();
    }

    private static boolean mayPass(Received failure, Trouble trouble, boolean hasBegun) {
        return switch (failure.status()) {
            case "UNAVAILABLE", "RESOURCE_EXHAUSTED" -> failure.isConnectionLost() || failure.retryAfter().isPresent();
            // The router has not missed the connection yet over which the same request was sent before.
            case "ALREADY_EXISTS" -> hasBegun || trouble.failures() > 1;
            default -> failure.isConnectionLost();
        };
    }

    private static long stretched(Duration wait, RandomGenerator random) {
        return (long) (TimeUnit.NANOSECONDS.convert(wait) * (1 + SPREAD * random.nextDouble()));
    }

    private long backoffNanos(int failures, int routers, RandomGenerator random) {
        if (failures % routers != 0)
            return 0;
        int doublings = Math.min(failures / routers - 1, 30);
        long full = Math.min(firstBackoff.toNanos() << doublings, longestBackoff.toNanos());
        return (long) (full * (1 + random.nextDouble()) / 2);
    }
}
