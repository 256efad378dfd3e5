package sightline.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeDescription;

class LanguagePlacementTest {
    private static final Channel CHANNEL = InProcessChannelBuilder.forName("nobody").build();
    private static final Load IDLE = Load.newBuilder().setKvBlocksTotal(100).build();

    @Test
    void theOneThatIsDoneFirstWins() {
        var a = replica("a", IDLE, 1000, true);
        var b = replica("b", IDLE, 1000, true);
        assertThat(LanguagePlacement.choose(List.of(a, b), need(10), replica -> replica.equals(a) ? 3 : 2)).hasValue(b);
        assertThat(LanguagePlacement.choose(List.of(a, b), need(10), replica -> replica.equals(a) ? 3 : 4)).hasValue(a);
    }

    @Test
    void aReplicaWhoseMemoryIsTakenComesBehindThoseThatHaveSome() {
        var full = replica("a", IDLE.toBuilder().setKvBlocksUsed(99).setWaiting(1).build(), 1000, true);
        var kept = replica("b", IDLE.toBuilder().setKvBlocksUsed(99).build(), 1000, true);
        var slow = replica("c", IDLE, 1000, true);
        ToDoubleFunction<Worker> seconds = replica -> replica.equals(slow) ? 9 : 1;
        assertThat(LanguagePlacement.choose(List.of(full, slow), need(10), seconds)).hasValue(slow);
        assertThat(LanguagePlacement.choose(List.of(full, kept, slow), need(10), seconds)).hasValue(kept);
        assertThat(LanguagePlacement.choose(List.of(full), need(10), seconds)).hasValue(full);
    }

    @Test
    void thenTheFreestMemory() {
        var a = replica("a", IDLE.toBuilder().setKvBlocksUsed(50).build(), 1000, true);
        var b = replica("b", IDLE.toBuilder().setKvBlocksUsed(20).build(), 1000, true);
        assertThat(LanguagePlacement.choose(List.of(a, b), need(10), LanguagePlacementTest::alike)).hasValue(b);
    }

    @Test
    void aReplicaThatDoesNotTellHowItIsComesLast() {
        var silent = replica("a", IDLE, 1000, false);
        var busy = replica("b", IDLE.toBuilder().setRunning(9).build(), 1000, true);
        assertThat(LanguagePlacement.choose(List.of(silent, busy), need(10), LanguagePlacementTest::alike))
                .hasValue(busy);
        assertThat(LanguagePlacement.choose(List.of(silent), need(10), LanguagePlacementTest::alike)).hasValue(silent);
    }

    @Test
    void aSequenceOnlyGoesWhereItFits() {
        var small = replica("a", IDLE, 100, true);
        var large = replica("b", IDLE.toBuilder().setRunning(9).build(), 200, true);
        assertThat(LanguagePlacement.choose(List.of(small, large), need(101), LanguagePlacementTest::alike))
                .hasValue(large);
        assertThat(LanguagePlacement.choose(List.of(small, large), need(201), LanguagePlacementTest::alike)).isEmpty();
    }

    @Test
    void anAnswerGoesOnOnlyWhereItHasTheSameBits() {
        var a = printed("a", 0, "print");
        var b = printed("b", 0, "other");
        var unproven = printed("c", 0, "");
        var need = new ReplicaNeed("digest", Optional.of("other"), 10, Optional.empty(), Set.of());
        assertThat(LanguagePlacement.choose(List.of(a, b, unproven), need, LanguagePlacementTest::alike)).hasValue(b);
        assertThat(LanguagePlacement.choose(List.of(a, unproven), need, LanguagePlacementTest::alike)).isEmpty();
        var unknown = new ReplicaNeed("digest", Optional.of(""), 10, Optional.empty(), Set.of());
        assertThat(LanguagePlacement.choose(List.of(a, unproven), unknown, LanguagePlacementTest::alike)).isEmpty();
    }

    @Test
    void theReplicaThatReadThePromptIsTakenIfItCanBe() {
        var a = printed("a", 0, "");
        var busy = printed("b", 7, "");
        var rather = new ReplicaNeed("digest", Optional.of(""), 10, Optional.of(busy.id()), Set.of());
        assertThat(LanguagePlacement.choose(List.of(a, busy), rather, LanguagePlacementTest::alike)).hasValue(busy);
        assertThat(LanguagePlacement.choose(List.of(a), rather, LanguagePlacementTest::alike)).isEmpty();
    }

    @Test
    void aReplicaThatWouldNotHaveItIsTakenOnlyWithoutAnother() {
        var a = printed("a", 0, "print");
        var busy = printed("b", 7, "print");
        var notA = new ReplicaNeed("digest", Optional.empty(), 10, Optional.empty(), Set.of(a.id()));
        assertThat(LanguagePlacement.choose(List.of(a, busy), notA, LanguagePlacementTest::alike)).hasValue(busy);
        assertThat(LanguagePlacement.choose(List.of(a), notA, LanguagePlacementTest::alike)).hasValue(a);
    }

    private static double alike(Worker replica) {
        return 1;
    }

    private static ReplicaNeed need(int positions) {
        return new ReplicaNeed("digest", Optional.empty(), positions, Optional.empty(), Set.of());
    }

    private static Worker printed(String name, int running, String fingerprint) {
        return replica(name, IDLE.toBuilder().setRunning(running).build(), fingerprint, 100, true);
    }

    private static Worker replica(String name, Load load, int contextLength, boolean answering) {
        return replica(name, load, "", contextLength, answering);
    }

    private static Worker replica(String name, Load load, String fingerprint, int contextLength, boolean answering) {
        return new Worker(new PeerId(name, 1), CHANNEL,
                NodeDescription.newBuilder().setFingerprint(fingerprint).setContextLength(contextLength).build(), load,
                answering);
    }
}
