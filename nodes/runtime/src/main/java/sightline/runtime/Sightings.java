package sightline.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;

/**
 * Which nodes were heard of when: a pure value, told the time by whoever asks.
 *
 * @param <N> names one incarnation of a node
 */
record Sightings<N>(Map<N, Seen> seen) {
    /** A node that did not answer for this long is told as silent: six questions went unanswered. */
    static final Duration SILENT_AFTER = Duration.ofSeconds(3);

    record Seen(NodeReport report, long atNanos) {}

    Sightings {
        seen = Map.copyOf(seen);
    }

    static <N> Sightings<N> none() {
        return new Sightings<>(Map.of());
    }

    /** What the node last said; unspecified where it was not heard of. */
    NodeState state(N node) {
        var before = seen.get(node);
        return before == null ? NodeState.NODE_STATE_UNSPECIFIED : before.report().getState();
    }

    Sightings<N> heard(N node, NodeReport report, long nowNanos) {
        var next = new HashMap<>(seen);
        next.put(node, new Seen(report, nowNanos));
        return new Sightings<>(next);
    }

    /** Forgets every node that is no longer listed. */
    Sightings<N> listed(Set<N> listed) {
        var next = new HashMap<>(seen);
        next.keySet().retainAll(listed);
        return new Sightings<>(next);
    }

    /** All nodes that ever answered and are still listed, in order of name. */
    List<KnownNode> known(long nowNanos) {
        var known = new ArrayList<KnownNode>();
        for (Seen s : seen.values())
            known.add(new KnownNode(s.report(), nowNanos - s.atNanos() > SILENT_AFTER.toNanos()
                    ? KnownNode.Standing.SILENT
                    : KnownNode.Standing.ANSWERING));
        known.sort((a, b) -> a.report().getName().compareTo(b.report().getName()));
        return known;
    }
}
