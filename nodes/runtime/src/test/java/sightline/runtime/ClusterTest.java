package sightline.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;

/** Two processes' worth of nodes in one JVM, over real sockets. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
final class ClusterTest {
    private static NodeProcess node(String name, Role role, int port, int seedPort) {
        return NodeProcessTest.start(Map.of("node.name", name, "cluster.port", Integer.toString(port), "cluster.seeds",
                "[\"127.0.0.1:" + seedPort + "\"]"), role);
    }

    @Test
    void nodesFindOneAnotherAndNoticeWhoLeavesAndReturns() throws Exception {
        int routerPort = FreePorts.find().lower();
        var router = node("router-1", Role.ROLE_ROUTER, routerPort, routerPort);
        var worker = node("language-1", Role.ROLE_LANGUAGE, 0, routerPort);
        var watched = new Watched(router);
        try {
            var known = watched.awaitNames("language-1", "router-1");
            var language = known.getFirst().report();
            assertThat(language.getEndpoint()).isEqualTo(worker.endpoint().toString());
            assertThat(language.getState()).isEqualTo(NodeState.NODE_STATE_STARTING);

            worker.load(() -> Load.newBuilder().setWaiting(4).build());
            worker.ready();
            watched.await(nodes -> nodes.getFirst().report().getState() == NodeState.NODE_STATE_SERVING
                    && nodes.getFirst().report().getLoad().getWaiting() == 4);

            worker.close();
            watched.awaitNames("router-1");

            worker = node("language-1", Role.ROLE_LANGUAGE, 0, routerPort);
            var again = watched.awaitNames("language-1", "router-1").getFirst().report();
            assertThat(again.getIncarnation()).isNotEqualTo(language.getIncarnation());
        } finally {
            worker.close();
            router.close();
        }
    }

    @Test
    void routersKnowThatANodeLeavesBeforeItTakesNoMoreCalls() throws Exception {
        int routerPort = FreePorts.find().lower();
        var router = node("router-1", Role.ROLE_ROUTER, routerPort, routerPort);
        var worker = node("language-1", Role.ROLE_LANGUAGE, 0, routerPort);
        var watched = new Watched(router);
        try {
            worker.ready();
            watched.await(nodes -> isIn(NodeState.NODE_STATE_SERVING, nodes));
            var knownBefore = new CompletableFuture<Boolean>();
            worker.onStop("look", () -> {
                knownBefore.complete(watched.wasTold(nodes -> isIn(NodeState.NODE_STATE_DRAINING, nodes)));
                return CompletableFuture.completedStage(Done.getInstance());
            });
            worker.close();
            assertThat(knownBefore.get()).isTrue();
        } finally {
            router.close();
        }
    }

    private static boolean isIn(NodeState state, List<KnownNode> nodes) {
        return nodes.stream()
                .map(KnownNode::report)
                .anyMatch(report -> report.getName().equals("language-1") && report.getState() == state);
    }
}
