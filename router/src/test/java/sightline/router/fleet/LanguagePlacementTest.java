package sightline.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeDescription;

class LanguagePlacementTest {
    private static final Channel CHANNEL = InProcessChannelBuilder.forName("nobody").build();
    private static final Load IDLE = Load.newBuilder().setKvBlocksTotal(100).build();

    @Test
    void theFewestSequencesWinWhicheverWordIsNewer() {
        var a = replica("a", IDLE.toBuilder().setRunning(3).setWaiting(1).build(), 1000, true);
        var b = replica("b", IDLE, 1000, true);
        assertThat(LanguagePlacement.choose(List.of(a, b), 10, Map.of(b.id(), 3L))).hasValue(b);
        assertThat(LanguagePlacement.choose(List.of(a, b), 10, Map.of(b.id(), 5L))).hasValue(a);
    }

    @Test
    void thenTheFreestMemory() {
        var a = replica("a", IDLE.toBuilder().setKvBlocksUsed(50).build(), 1000, true);
        var b = replica("b", IDLE.toBuilder().setKvBlocksUsed(20).build(), 1000, true);
        assertThat(LanguagePlacement.choose(List.of(a, b), 10, Map.of())).hasValue(b);
    }

    @Test
    void aReplicaThatDoesNotTellHowItIsComesLast() {
        var silent = replica("a", IDLE, 1000, false);
        var busy = replica("b", IDLE.toBuilder().setRunning(9).build(), 1000, true);
        assertThat(LanguagePlacement.choose(List.of(silent, busy), 10, Map.of())).hasValue(busy);
        assertThat(LanguagePlacement.choose(List.of(silent), 10, Map.of())).hasValue(silent);
    }

    @Test
    void aSequenceOnlyGoesWhereItFits() {
        var small = replica("a", IDLE, 100, true);
        var large = replica("b", IDLE.toBuilder().setRunning(9).build(), 200, true);
        assertThat(LanguagePlacement.choose(List.of(small, large), 101, Map.of())).hasValue(large);
        assertThat(LanguagePlacement.choose(List.of(small, large), 201, Map.of())).isEmpty();
    }

    private static Worker replica(String name, Load load, int contextLength, boolean answering) {
        return new Worker(new PeerId(name, 1), CHANNEL,
                NodeDescription.newBuilder().setContextLength(contextLength).build(), load, answering);
    }
}
