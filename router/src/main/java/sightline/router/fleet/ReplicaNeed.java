package sightline.router.fleet;

import java.util.Optional;
import java.util.Set;

/**
 * On which language replicas an answer can be generated.
 *
 * @param fingerprint of the replica that began it; any, where none has
 * @param positions that the sequence may come to have
 * @param rather a replica that has read the prompt already, taken if it can be
 * @param avoided those that were lost or would not have it, taken only if there is no other
 */
public record ReplicaNeed(String modelDigest, Optional<String> fingerprint, int positions, Optional<PeerId> rather,
        Set<PeerId> avoided) {
    public ReplicaNeed {
        avoided = Set.copyOf(avoided);
    }

    /** Whether an answer that one replica began has the same bits on this one; without a fingerprint nobody knows. */
    boolean isEqual(Worker replica) {
        return isRather(replica) || fingerprint
                .map(print -> !print.isEmpty() && print.equals(replica.fingerprint()))
                .orElse(true);
    }

    boolean isAvoided(Worker replica) {
        return avoided.contains(replica.id());
    }

    boolean isRather(Worker replica) {
        return rather.filter(replica.id()::equals).isPresent();
    }
}
