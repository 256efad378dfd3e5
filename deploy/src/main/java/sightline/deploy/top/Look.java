package sightline.deploy.top;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import sightline.v1.Node;
import sightline.wire.Endpoint;

/**
 * The cluster at one moment.
 *
 * @param router that told of it
 * @param counters by name of the node; without those whose metrics could not be read
 */
record Look(Endpoint router, List<Node> nodes, Map<String, Counters> counters) {
    Look {
        nodes = List.copyOf(nodes);
        counters = Map.copyOf(counters);
    }

    /** What the node has done per second since an earlier look. */
    Optional<Double> perSecond(Node node, Look before) {
        var then = before.counters.get(node.getName());
        var now = counters.get(node.getName());
        return then == null || now == null
                ? Optional.empty()
                : Throughput.of(node.getRole()).flatMap(throughput -> throughput.between(then, now));
    }
}
