package sightline.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import sightline.runtime.KnownNode.Standing;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;

final class SightingsTest {
    private static final long SECOND = 1_000_000_000L;

    private static NodeReport report(String name) {
        return NodeReport.newBuilder().setName(name).build();
    }

    @Test
    void nodeIsKnownFromItsFirstAnswerInOrderOfName() {
        var sightings = Sightings.<String>none().heard("2", report("vision-1"), 0).heard("1", report("router-1"), 0);

        assertThat(sightings.known(0)).containsExactly(new KnownNode(report("router-1"), Standing.ANSWERING),
                new KnownNode(report("vision-1"), Standing.ANSWERING));
    }

    @Test
    void nodeIsSilentAfterThreeSecondsAndAnswersAgain() {
        long now = Long.MAX_VALUE - SECOND; // the clock may wrap around
        var sightings = Sightings.<String>none().heard("1", report("a"), now);
        long later = now + 3 * SECOND;

        assertThat(sightings.known(later)).extracting(KnownNode::standing).containsExactly(Standing.ANSWERING);
        assertThat(sightings.known(later + 1)).extracting(KnownNode::standing).containsExactly(Standing.SILENT);
        assertThat(sightings.heard("1", report("a"), later + 1).known(later + 2)).extracting(KnownNode::standing)
                .containsExactly(Standing.ANSWERING);
    }

    @Test
    void nodeThatIsNoLongerListedIsForgotten() {
        var sightings = Sightings.<String>none().heard("1", report("a"), 0).heard("2", report("b"), 0);

        assertThat(sightings.listed(Set.of("2", "3")).known(0)).extracting(n -> n.report().getName())
                .containsExactly("b");
    }

    @Test
    void stateIsTheOneThatWasHeardLast() {
        var serving = report("a").toBuilder().setState(NodeState.NODE_STATE_SERVING).build();
        var draining = serving.toBuilder().setState(NodeState.NODE_STATE_DRAINING).build();
        var sightings = Sightings.<String>none().heard("1", serving, 0).heard("1", draining, 1);

        assertThat(sightings.state("1")).isEqualTo(NodeState.NODE_STATE_DRAINING);
        assertThat(sightings.state("2")).isEqualTo(NodeState.NODE_STATE_UNSPECIFIED);
    }
}
