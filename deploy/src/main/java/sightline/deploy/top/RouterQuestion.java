package sightline.deploy.top;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import sightline.v1.GetClusterRequest;
import sightline.v1.InferenceGrpc;
import sightline.v1.Node;
import sightline.wire.Endpoint;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/**
 * Asks who is in the cluster: the router that answered last, and where it does not answer, the others in turn, those
 * first that were named at the beginning, then those that a router told of. One thread.
 */
final class RouterQuestion implements AutoCloseable {
    /** Would say on standard error, over the view, what is told in it. Held here, since its own side is held weakly. */
    private static final Logger GRPC = Logger.getLogger("io.grpc");

    private static final Duration LIMIT = Duration.ofSeconds(2);

    static {
        GRPC.setLevel(Level.SEVERE);
    }

    /** What came of asking. */
    sealed interface Answer {
        record Cluster(Endpoint router, List<Node> nodes) implements Answer {}

        /** What came of asking the last router, which the message names. */
        record Nobody(Received received) implements Answer {}
    }

    private final SequencedSet<Endpoint> routers;
    private final Map<Endpoint, ManagedChannel> channels = new HashMap<>();

    /** @param routers at least one */
    RouterQuestion(List<Endpoint> routers) {
        if (routers.isEmpty())
            throw new IllegalArgumentException("routers: none (expected: at least one)");
        this.routers = new LinkedHashSet<>(routers);
    }

    Answer ask() {
        var left = List.copyOf(routers).iterator();
        Answer answer;
        do
            answer = ask(left.next());
        while (answer instanceof Answer.Nobody && left.hasNext());
        if (answer instanceof Answer.Cluster(var router, var nodes)) {
            routers.addFirst(router);
            routers.addAll(routersAmong(nodes));
        }
        return answer;
    }

    private Answer ask(Endpoint router) {
        var channel = channels.computeIfAbsent(router, RouterQuestion::open);
        channel.resetConnectBackoff(); // one that was gone for a while may be back
        try {
            return new Answer.Cluster(router, InferenceGrpc.newBlockingStub(channel)
                    .withDeadlineAfter(LIMIT.toMillis(), TimeUnit.MILLISECONDS)
                    .getCluster(GetClusterRequest.getDefaultInstance())
                    .getNodesList());
        } catch (StatusRuntimeException e) {
            return new Answer.Nobody(named(router, StatusMapping.read(e).orElseThrow(() -> e)));
        }
    }

    private static Received named(Endpoint router, Received received) {
        var what = received.isConnectionLost()
                ? "cannot be reached (expected: a running router's public port)"
                : received.message();
        return new Received(received.status(), received.reason(), router + ": " + what, received.violations(),
                received.retryAfter());
    }

    private static ManagedChannel open(Endpoint router) {
        return Grpc.newChannelBuilderForAddress(router.host(), router.port(), InsecureChannelCredentials.create())
                .build();
    }

    private static List<Endpoint> routersAmong(List<Node> nodes) {
        return nodes.stream()
                .filter(node -> node.getRole().equals("router"))
                .map(node -> Endpoint.parse(node.getEndpoint()))
                .toList();
    }

    @Override
    public void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
    }
}
