package sightline.router.fleet;

import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;

/** Chooses the language replica for a sequence: a pure function. */
final class LanguagePlacement {
    private LanguagePlacement() {}

    /**
     * The wished-for one, or the least loaded of those that meet the need; those that do not tell how they are come last.
     *
     * @param placed sequences that this router has on each replica, which the replicas' own word lags behind
     */
    static Optional<Worker> choose(Collection<Worker> replicas, ReplicaNeed need, Map<PeerId, Long> placed) {
        return replicas.stream()
                .filter(need::isEqual)
                .filter(replica -> replica.description().getContextLength() >= need.positions())
                .min(Comparator.comparing(need::isAvoided)
                        .thenComparing(replica -> !replica.answering())
                        .thenComparing(replica -> !need.isRather(replica))
                        .thenComparingLong(replica -> sequences(replica, placed))
                        .thenComparingDouble(LanguagePlacement::kvShare)
                        .thenComparing(replica -> replica.id().name()));
    }

    private static long sequences(Worker replica, Map<PeerId, Long> placed) {
        long told = (long) replica.load().getRunning() + replica.load().getWaiting();
        return Math.max(told, placed.getOrDefault(replica.id(), 0L));
    }

    private static double kvShare(Worker replica) {
        long total = replica.load().getKvBlocksTotal();
        return total == 0 ? 0 : (double) replica.load().getKvBlocksUsed() / total;
    }
}
