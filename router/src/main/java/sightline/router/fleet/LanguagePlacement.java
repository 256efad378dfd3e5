package sightline.router.fleet;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Chooses the language replica for a sequence: a pure function. */
final class LanguagePlacement {
    /** From this share on, with sequences that wait, there is no memory for one more. */
    private static final double FULL = 0.95;

    private LanguagePlacement() {}

    /**
     * The wished-for one, or the one that is done first of those that meet the need and have memory; those that do not
     * tell how they are come last.
     *
     * @param seconds until the sequence would be done on a replica
     */
    static Optional<Worker> choose(Collection<Worker> replicas, ReplicaNeed need, ToDoubleFunction<Worker> seconds) {
        return replicas.stream()
                .filter(need::isEqual)
                .filter(replica -> replica.description().getContextLength() >= need.positions())
                .min(Comparator.comparing(need::isAvoided)
                        .thenComparing(replica -> !replica.answering())
                        .thenComparing(replica -> !need.isRather(replica))
                        .thenComparing(LanguagePlacement::isFull)
                        .thenComparingDouble(seconds)
                        .thenComparingDouble(LanguagePlacement::kvShare)
                        .thenComparing(replica -> replica.id().name()));
    }

    private static boolean isFull(Worker replica) {
        return replica.load().getWaiting() > 0 && kvShare(replica) >= FULL;
    }

    private static double kvShare(Worker replica) {
        long total = replica.load().getKvBlocksTotal();
        return total == 0 ? 0 : (double) replica.load().getKvBlocksUsed() / total;
    }
}
