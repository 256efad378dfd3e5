package sightline.router.fleet;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * What one kind of work costs on each node: learned where it was observed, else a little less than on the best of the
 * others, so that every node is tried. For one thread.
 */
final class NodeCosts {
    private static final double HOPE = 0.9;

    private final double unknownSeconds;
    private final Map<PeerId, Cost> learned = new HashMap<>();

    /** @param unknownSeconds while nothing was observed on any node */
    NodeCosts(double unknownSeconds) {
        this.unknownSeconds = unknownSeconds;
    }

    void observe(PeerId node, double seconds, long nowNanos) {
        learned.merge(node, Cost.observed(seconds, nowNanos), (known, now) -> known.learn(now.seconds(), nowNanos));
    }

    /** Seconds for one unit of work on the node. */
    double of(PeerId node, long nowNanos) {
        double hoped = HOPE * learned.values().stream().mapToDouble(Cost::seconds).min().orElse(unknownSeconds);
        var known = learned.get(node);
        return known == null ? hoped : known.expected(hoped, nowNanos);
    }

    /** Forgets all others. */
    void keep(Set<PeerId> nodes) {
        learned.keySet().retainAll(nodes);
    }
}
