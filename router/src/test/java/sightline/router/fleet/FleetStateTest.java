package sightline.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sightline.runtime.KnownNode;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.stage.v1.StagePlace;

class FleetStateTest {
    private static final PeerId LANGUAGE = new PeerId("language-1", 7);
    private static final Channel CHANNEL = InProcessChannelBuilder.forName("nobody").build();

    @Test
    void aNewWorkerIsConnectedAndDescribed() {
        var transition = FleetState.empty().on(told(known(NodeState.NODE_STATE_STARTING)));
        assertThat(transition.effects()).containsExactly(new FleetEffect.Connect(LANGUAGE, "host:1"),
                new FleetEffect.Describe(LANGUAGE));
        assertThat(view(transition.state()).workers()).isEmpty();
    }

    @Test
    void anotherRouterIsOnlyShown() {
        var router = report(NodeState.NODE_STATE_SERVING).toBuilder().setName("router-1").setRole(Role.ROLE_ROUTER);
        var transition = FleetState.empty()
                .on(told(new KnownNode(router.build(), KnownNode.Standing.ANSWERING)));
        assertThat(transition.effects()).isEmpty();
        assertThat(view(transition.state()).nodes()).hasSize(1);
    }

    @Test
    void aDescribedModelIsLearnedOnce() {
        var described = serving().on(new FleetEvent.Described(LANGUAGE, description(NodeState.NODE_STATE_SERVING)));
        assertThat(described.effects()).containsExactly(new FleetEffect.Learn(LANGUAGE, DemoModel.CARD));
        assertThat(described.state().on(told(known(NodeState.NODE_STATE_SERVING))).effects()).isEmpty();
    }

    @Test
    void aModelWhoseFilesDidNotComeIsLearnedAtTheNextTelling() {
        var failed = described().on(new FleetEvent.NotFetched(DemoModel.CARD.getDigest())).state();
        assertThat(failed.on(told(known(NodeState.NODE_STATE_SERVING))).effects())
                .containsExactly(new FleetEffect.Learn(LANGUAGE, DemoModel.CARD));
    }

    @Test
    void aModelThatCannotBeUsedIsNotLearnedAgain() {
        var failed = described().on(new FleetEvent.Unusable(DemoModel.CARD.getDigest())).state();
        assertThat(failed.on(told(known(NodeState.NODE_STATE_SERVING))).effects()).isEmpty();
    }

    @Test
    void aFurtherStageOfAReplicaIsShownAndGivenNoWork() {
        var stage = report(NodeState.NODE_STATE_SERVING).toBuilder()
                .setPlace(StagePlace.newBuilder().setReplica("language-1").setStage(1).setStages(2))
                .build();
        var view = view(FleetState.empty()
                .on(told(new KnownNode(stage, KnownNode.Standing.ANSWERING)))
                .state()
                .on(new FleetEvent.Described(LANGUAGE, description(NodeState.NODE_STATE_SERVING)))
                .state());
        assertThat(view.workers()).isEmpty();
        assertThat(view.nodes()).hasSize(1);
    }

    @Test
    void aWorkerIsGivenWorkOnceItServesAndIsDescribedAsServing() {
        assertThat(view(serving()).workers()).isEmpty();
        assertThat(view(described()).languageReplicas(DemoModel.CARD.getDigest())).extracting(Worker::id)
                .containsExactly(LANGUAGE);
        var draining = described().on(told(known(NodeState.NODE_STATE_DRAINING)));
        assertThat(draining.effects()).containsExactly(new FleetEffect.Describe(LANGUAGE));
        assertThat(view(draining.state()).workers()).isEmpty();
    }

    @Test
    void aLostWorkerGetsNoWorkUntilItDescribesItselfAgain() {
        var broken = described().on(new FleetEvent.Lost(LANGUAGE));
        assertThat(broken.effects()).containsExactly(new FleetEffect.Describe(LANGUAGE));
        assertThat(view(broken.state()).workers()).isEmpty();
        var lost = broken.state().on(new FleetEvent.NotDescribed(LANGUAGE)).state();
        assertThat(view(lost).nodes()).extracting(FleetView.Node::reachable).containsExactly(false);
        var asked = lost.on(told(known(NodeState.NODE_STATE_SERVING)));
        assertThat(asked.effects()).containsExactly(new FleetEffect.Describe(LANGUAGE));
        assertThat(view(asked.state()).workers()).isEmpty();
        var back = asked.state().on(new FleetEvent.Described(LANGUAGE, description(NodeState.NODE_STATE_SERVING)));
        assertThat(view(back.state()).workers()).hasSize(1);
    }

    @Test
    void whatBecameOfALostWorkerIsKnownAndItsSuccessorDoesNotSpeakForIt() {
        var lost = described().on(new FleetEvent.Lost(LANGUAGE)).state();
        assertThat(lost.fate(LANGUAGE)).isEqualTo(PeerFate.MISSING);
        var serving = description(NodeState.NODE_STATE_SERVING);
        var successor = serving.toBuilder().setIncarnation(8).build();
        var replaced = lost.on(new FleetEvent.Described(LANGUAGE, successor)).state();
        assertThat(replaced.fate(LANGUAGE)).isEqualTo(PeerFate.MISSING);
        assertThat(view(replaced).workers()).isEmpty();
        assertThat(lost.on(new FleetEvent.Described(LANGUAGE, serving)).state().fate(LANGUAGE))
                .isEqualTo(PeerFate.BACK);
        var linking = description(NodeState.NODE_STATE_STARTING);
        assertThat(lost.on(new FleetEvent.Described(LANGUAGE, linking)).state().fate(LANGUAGE))
                .isEqualTo(PeerFate.MISSING);
        assertThat(lost.on(told()).state().fate(LANGUAGE)).isEqualTo(PeerFate.GONE);
    }

    @Test
    void aRestartedWorkerIsANewPeer() {
        var restarted = report(NodeState.NODE_STATE_SERVING).toBuilder().setIncarnation(8).build();
        var transition = described().on(told(new KnownNode(restarted, KnownNode.Standing.ANSWERING)));
        var peer = new PeerId("language-1", 8);
        assertThat(transition.effects()).containsExactly(new FleetEffect.Connect(peer, "host:1"),
                new FleetEffect.Describe(peer), new FleetEffect.Disconnect(LANGUAGE));
    }

    @Test
    void aWorkerThatHasLeftIsDisconnectedAndLateWordsOfItAreIgnored() {
        var gone = described().on(told());
        assertThat(gone.effects()).containsExactly(new FleetEffect.Disconnect(LANGUAGE));
        assertThat(gone.state().on(new FleetEvent.Lost(LANGUAGE)).state()).isEqualTo(gone.state());
    }

    @Test
    void aWorkerThatDoesNotAnswerIsShownAsSuchAndKept() {
        var silent = new KnownNode(report(NodeState.NODE_STATE_SERVING), KnownNode.Standing.SILENT);
        var view = view(described().on(told(silent)).state());
        assertThat(view.workers()).extracting(Worker::answering).containsExactly(false);
        assertThat(view.nodes()).extracting(FleetView.Node::reachable).containsExactly(false);
    }

    private static FleetState serving() {
        return FleetState.empty().on(told(known(NodeState.NODE_STATE_SERVING))).state();
    }

    private static FleetState described() {
        return serving().on(new FleetEvent.Described(LANGUAGE, description(NodeState.NODE_STATE_SERVING))).state();
    }

    private static FleetView view(FleetState state) {
        return state.view(Map.of(LANGUAGE, CHANNEL));
    }

    private static FleetEvent told(KnownNode... nodes) {
        return new FleetEvent.Told(List.of(nodes));
    }

    private static KnownNode known(NodeState state) {
        return new KnownNode(report(state), KnownNode.Standing.ANSWERING);
    }

    private static NodeReport report(NodeState state) {
        return NodeReport.newBuilder()
                .setName("language-1")
                .setIncarnation(7)
                .setRole(Role.ROLE_LANGUAGE)
                .setEndpoint("host:1")
                .setState(state)
                .build();
    }

    private static NodeDescription description(NodeState state) {
        return NodeDescription.newBuilder()
                .setName("language-1")
                .setIncarnation(7)
                .setRole(Role.ROLE_LANGUAGE)
                .setState(state)
                .setModel(DemoModel.CARD)
                .build();
    }
}
