package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sightline.router.fleet.FleetView;
import sightline.runtime.KnownNode;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.stage.v1.ServedModel;
import sightline.stage.v1.StagePlace;
import sightline.v1.Node;

/** What is told of a node, whatever its role and state. */
class ClusterAnswersTest {
    private static final NodeDescription DESCRIPTION = NodeDescription.newBuilder()
            .setModel(ServedModel.newBuilder().setName("demo").setDigest("d1"))
            .setDevice("cuda:0")
            .setDtype("bfloat16")
            .setFingerprint("f1")
            .build();

    @Test
    void aLanguageNodeIsToldWholly() {
        var report = report(Role.ROLE_LANGUAGE, NodeState.NODE_STATE_SERVING)
                .setLoad(Load.newBuilder().setRunning(1).setWaiting(2).setKvBlocksUsed(3).setKvBlocksTotal(4));
        assertThat(told(report, Optional.of(DESCRIPTION), true)).isEqualTo(Node.newBuilder()
                .setName("node-1")
                .setRole("language")
                .setEndpoint("10.0.0.1:7171")
                .setMetrics("10.0.0.1:9101")
                .setState("SERVING")
                .setModel("demo")
                .setModelDigest("d1")
                .setDevice("cuda:0")
                .setDtype("bfloat16")
                .setFingerprint("f1")
                .setReplica("node-1")
                .setStages(1)
                .setRunning(1)
                .setWaiting(2)
                .setKvBlocksUsed(3)
                .setKvBlocksTotal(4)
                .build());
    }

    @Test
    void aStageOfAReplicaIsToldWithItsPlace() {
        var report = report(Role.ROLE_LANGUAGE, NodeState.NODE_STATE_SERVING)
                .setPlace(StagePlace.newBuilder().setReplica("big").setStage(1).setStages(3));
        assertThat(told(report, Optional.of(DESCRIPTION), true)).satisfies(node -> {
            assertThat(node.getReplica()).isEqualTo("big");
            assertThat(node.getStage()).isEqualTo(1);
            assertThat(node.getStages()).isEqualTo(3);
        });
    }

    @Test
    void aVisionNodeHasAStoreAndNoReplica() {
        var report = report(Role.ROLE_VISION, NodeState.NODE_STATE_SERVING)
                .setLoad(Load.newBuilder().setRunning(1).setStoreBytesUsed(5).setStoreBytesTotal(6));
        assertThat(told(report, Optional.of(DESCRIPTION), true)).satisfies(node -> {
            assertThat(node.getRole()).isEqualTo("vision");
            assertThat(node.getStoreBytesUsed()).isEqualTo(5);
            assertThat(node.getStoreBytesTotal()).isEqualTo(6);
            assertThat(node.getFingerprint()).isEqualTo("f1");
            assertThat(node.getReplica()).isEmpty();
            assertThat(node.getStages()).isZero();
        });
    }

    @Test
    void aRouterHasAnEndpointAndSessionsOnly() {
        var report = report(Role.ROLE_ROUTER, NodeState.NODE_STATE_SERVING)
                .setLoad(Load.newBuilder().setRunning(7).setWaiting(2));
        assertThat(told(report, Optional.empty(), true)).isEqualTo(Node.newBuilder()
                .setName("node-1")
                .setRole("router")
                .setEndpoint("10.0.0.1:7171")
                .setMetrics("10.0.0.1:9101")
                .setState("SERVING")
                .setRunning(7)
                .setWaiting(2)
                .build());
    }

    @ParameterizedTest
    @CsvSource({"NODE_STATE_STARTING,true,false,STARTING", "NODE_STATE_UNSPECIFIED,true,false,STARTING",
        "NODE_STATE_DRAINING,true,false,DRAINING", "NODE_STATE_SERVING,false,false,UNREACHABLE",
        "NODE_STATE_DRAINING,false,false,UNREACHABLE", "NODE_STATE_SERVING,true,true,'SERVING, FAULT_HOOKS'"})
    void theStateIsWhatItReportsUnlessItIsOutOfReach(NodeState reported, boolean reachable, boolean hooks,
            String state) {
        var description = DESCRIPTION.toBuilder().setFaultHooks(hooks).build();
        assertThat(told(report(Role.ROLE_VISION, reported), Optional.of(description), reachable).getState())
                .isEqualTo(state);
    }

    @Test
    void aNodeThatHasNotReadItsModelYetNamesNone() {
        var starting = report(Role.ROLE_LANGUAGE, NodeState.NODE_STATE_STARTING);
        assertThat(told(starting, Optional.of(NodeDescription.getDefaultInstance()), true)).satisfies(node -> {
            assertThat(node.getState()).isEqualTo("STARTING");
            assertThat(node.getModel()).isEmpty();
            assertThat(node.getFingerprint()).isEmpty();
        });
    }

    private static NodeReport.Builder report(Role role, NodeState state) {
        return NodeReport.newBuilder()
                .setName("node-1")
                .setRole(role)
                .setEndpoint("10.0.0.1:7171")
                .setMetrics("10.0.0.1:9101")
                .setState(state);
    }

    private static Node told(NodeReport.Builder report, Optional<NodeDescription> description, boolean reachable) {
        var known = new KnownNode(report.build(), KnownNode.Standing.ANSWERING);
        var view = new FleetView(List.of(new FleetView.Node(known, description, reachable)), List.of(), List.of());
        return ClusterAnswers.nodes(view).getNodes(0);
    }
}
