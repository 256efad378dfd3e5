package sightline.router.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.Prefilled;

class ReplicaLedgerTest {
    private static final Channel CHANNEL = InProcessChannelBuilder.forName("nobody").build();
    private static final ReplicaNeed NEED = new ReplicaNeed("digest", Optional.empty(), 10, Optional.empty(), Set.of());
    private static final long SECOND = Duration.ofSeconds(1).toNanos();

    private final ReplicaLedger ledger = new ReplicaLedger();
    private final List<Worker> replicas = List.of(replica("a", 0), replica("b", 0), replica("c", 0));
    private long nowNanos;
    private long runs;

    @Test
    void alikeReplicasShareAlike() {
        assertShared();
    }

    private void assertShared() {
        var placed = IntStream.range(0, 9).mapToObj(i -> place(prompt(i, 640))).toList();
        for (var replica : replicas)
            assertThat(placed).filteredOn(replica.id()::equals).hasSize(3);
    }

    @Test
    void whatOtherRoutersHaveThereCounts() {
        var busy = List.of(replica("a", 9), replica("b", 2), replica("c", 9));
        ledger.replicas(busy);
        assertThat(ledger.place(run(), NEED, prompt(1, 64), busy, nowNanos)).hasValue(busy.get(1));
    }

    @Test
    void aPromptGoesWhereItsBeginningWasRead() {
        var first = place(prompt(7, 640));
        var elsewhere = place(prompt(8, 640));
        assertThat(elsewhere).isNotEqualTo(first);
        for (long run = runs; run > 0; run--)
            ledger.end(run(run));
        assertThat(place(prompt(8, 640))).isEqualTo(elsewhere);
        ledger.end(run(runs));
        assertThat(place(prompt(7, 640))).isEqualTo(first);
    }

    @Test
    void oneHotPromptDoesNotOverloadAReplica() {
        var placed = IntStream.range(0, 60).mapToObj(_ -> place(prompt(7, 640))).toList();
        for (var replica : replicas)
            assertThat(placed).filteredOn(replica.id()::equals).hasSizeBetween(15, 25);
    }

    @Test
    void aReplicaThatIsTenTimesSlowerIsLearnedToBe() {
        var slow = replicas.getFirst().id();
        for (int i = 0; i < 12; i++)
            answer(slow, 10);
        var placed = IntStream.range(0, 42).mapToObj(i -> place(prompt(100 + i, 64))).toList();
        assertThat(placed).filteredOn(slow::equals).hasSizeBetween(1, 4);
    }

    @Test
    void aReplicaThatWasSlowOnceIsTriedAgain() {
        var slow = replicas.getFirst().id();
        for (int i = 0; i < 12; i++)
            answer(slow, 10);
        nowNanos += Duration.ofMinutes(10).toNanos();
        var placed = IntStream.range(0, 9).mapToObj(i -> place(prompt(100 + i, 64))).toList();
        assertThat(placed).filteredOn(slow::equals).hasSizeBetween(2, 4);
    }

    @Test
    void everySequenceIsCountedUntilItEnds() {
        var random = new Random(11);
        var open = new ArrayList<RunId>();
        for (int i = 0; i < 2_000; i++) {
            if (open.isEmpty() || random.nextInt(3) > 0) {
                var id = run();
                ledger.place(id, NEED, prompt(random.nextInt(5), 64 + random.nextInt(640)), replicas, nowNanos);
                open.add(id);
            } else {
                var id = open.remove(random.nextInt(open.size()));
                if (random.nextBoolean())
                    ledger.read(id, Prefilled.newBuilder().setPrefillUs(random.nextInt(1_000_000)).build(), nowNanos);
                if (random.nextBoolean())
                    ledger.decoded(id, random.nextInt(100), random.nextInt(1_000_000), nowNanos);
                ledger.end(id);
                ledger.end(id);
            }
            assertThat(ledger.placed()).isEqualTo(open.size());
        }
        open.forEach(ledger::end);
        assertThat(ledger.placed()).isZero();
        ledger.replicas(List.of());
        ledger.replicas(replicas);
        assertShared();
    }

    /** A pool whose devices differ by ten in every cost: each does as much of the work as it is fast. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void devicesThatDifferByTenShareTheWorkInProportion(long seed) {
        var speeds = List.of(10.0, 1.0, 10.0);
        var pool = new SimulatedPool(ledger, replicas, speeds, seed);
        pool.run(Duration.ofMinutes(30));
        double slow = pool.tokens(1);
        for (int fast : List.of(0, 2))
            assertThat(pool.tokens(fast) / slow).as("seed %d: tokens on each device %s", seed, pool)
                    .isBetween(6.0, 16.0);
        assertThat(pool.tokens()).as("seed %d", seed).isGreaterThan(0.85 * pool.mostTokens());
    }

    private void answer(PeerId slow, double factor) {
        var id = run();
        var on = ledger.place(id, NEED, prompt(1_000 + (int) runs, 320), replicas, nowNanos).orElseThrow().id();
        double seconds = on.equals(slow) ? factor : 1;
        ledger.read(id, Prefilled.newBuilder().setPrefillUs((long) (seconds * 320_000)).build(), nowNanos);
        nowNanos += SECOND;
        ledger.decoded(id, 64, (long) (seconds * 64 * 10_000), nowNanos);
        ledger.end(id);
    }

    private PeerId place(PromptWork work) {
        return ledger.place(run(), NEED, work, replicas, nowNanos).orElseThrow().id();
    }

    private RunId run() {
        return run(++runs);
    }

    private static RunId run(long number) {
        return new RunId(new JobId(number), 0);
    }

    /** A prompt that shares no beginning with those of other numbers. */
    static PromptWork prompt(int number, int positions) {
        return new PromptWork(positions, 64,
                LongStream.range(0, (positions - 1) / PromptWork.BLOCK).mapToObj(i -> 1_000L * number + i).toList());
    }

    private static Worker replica(String name, int running) {
        return new Worker(new PeerId(name, 1), CHANNEL, NodeDescription.newBuilder().setContextLength(2_000).build(),
                Load.newBuilder().setKvBlocksTotal(100).setRunning(running).build(), true);
    }
}
