package sightline.language.stage;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sightline.language.model.LayerRange;
import sightline.runtime.KnownNode;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.stage.v1.StagePlace;

class StageMapTest {
    private static final LinkTerms TERMS = new LinkTerms("big", 0, 3, new LayerRange(0, 2, 6), "digest", "bfloat16",
            "build", 32, 8);

    @Test
    void stagesThatServeAreFoundInTheirOrder() {
        var map = map(node("c", 2, 3), node("head", 0, 3), node("b", 1, 3), ofAnother("x", 1));
        assertThat(names(map)).containsExactly("b", "c");
        assertThat(map.problems()).isEmpty();
    }

    @Test
    void oneThatIsMissingOrStartsOrLeavesOrSaysNothingIsWaitedFor() {
        assertThat(map(node("b", 1, 3)).stages()).isEmpty();
        assertThat(map(node("b", 1, 3)).problems()).containsExactly("stage 2 is missing");
        for (var state : List.of(NodeState.NODE_STATE_STARTING, NodeState.NODE_STATE_DRAINING)) {
            assertThat(map(node("b", 1, 3), in(state, node("c", 2, 3))).problems())
                    .containsExactly("stage 2 is missing");
        }
        assertThat(map(node("b", 1, 3), silent(node("c", 2, 3))).stages()).isEmpty();
    }

    @Test
    void oneThatIsBackIsTakenWhileTheClusterStillKnowsItsEarlierLife() {
        var map = map(node("b", 1, 3), silent(node("c", 2, 3)), node("c", 2, 3));
        assertThat(names(map)).containsExactly("b", "c");
        assertThat(map.problems()).isEmpty();
    }

    @Test
    void ofAStageThatIsThereTwiceTheFirstByNameIsTakenAndBothAreNamed() {
        var map = map(node("b", 1, 3), node("b2", 1, 3), node("c", 2, 3));
        assertThat(names(map)).containsExactly("b", "c");
        assertThat(map.problems()).containsExactly("stage 1 is there 2 times: b, b2");
    }

    @Test
    void whoeverHasAnotherSplitOrIsAHeadTooIsNamed() {
        var map = map(node("b", 1, 3), node("c", 2, 3), node("d", 1, 2), node("e", 0, 3));
        assertThat(names(map)).containsExactly("b", "c");
        assertThat(map.problems()).containsExactly("d says it is stage 1/2 (expected: a further stage of 3)",
                "e says it is stage 0/3 (expected: a further stage of 3)");
    }

    private static StageMap map(KnownNode... nodes) {
        return StageMap.of(List.of(nodes), TERMS, "head");
    }

    private static List<String> names(StageMap map) {
        return map.stages().orElseThrow().stream().map(NodeReport::getName).toList();
    }

    private static KnownNode node(String name, int stage, int stages) {
        return node(name, "big", stage, stages);
    }

    private static KnownNode ofAnother(String name, int stage) {
        return node(name, "small", stage, 3);
    }

    private static KnownNode node(String name, String replica, int stage, int stages) {
        var place = StagePlace.newBuilder().setReplica(replica).setStage(stage).setStages(stages);
        return new KnownNode(NodeReport.newBuilder()
                .setName(name)
                .setRole(Role.ROLE_LANGUAGE)
                .setState(NodeState.NODE_STATE_SERVING)
                .setPlace(place)
                .build(), KnownNode.Standing.ANSWERING);
    }

    private static KnownNode silent(KnownNode node) {
        return new KnownNode(node.report(), KnownNode.Standing.SILENT);
    }

    private static KnownNode in(NodeState state, KnownNode node) {
        return new KnownNode(node.report().toBuilder().setState(state).build(), node.standing());
    }
}
