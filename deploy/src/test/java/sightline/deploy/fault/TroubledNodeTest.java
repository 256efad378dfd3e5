package sightline.deploy.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.client.Answer;
import sightline.client.Question;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.cluster.FaultyWay;
import sightline.deploy.cluster.ServedCluster;
import sightline.deploy.fault.TcpFaultProxy.Way;
import sightline.v1.Node;
import sightline.v1.Sampling;
import sightline.v1.Stopping;

/** Language nodes that stand still for a while, and ways to them that lose, hold back or garble what passes. */
@Timeout(180)
class TroubledNodeTest {
    private static final long LIMIT_SECONDS = 60;
    private static final Subject LONG = subject(120);
    private static final Subject SHORT = subject(60);
    private static final Duration POLL = Duration.ofMillis(20);
    private static final AtomicInteger TRIALS = new AtomicInteger();
    private static final Duration STANDSTILL = Duration.ofSeconds(5);
    private static final Duration FREED = Duration.ofSeconds(5);
    private static final Duration BACK = Duration.ofSeconds(15);
    private static final double MOVED_WITHIN_SECONDS = 3.5;

    private static final Trail TRAIL = new Trail();
    private static final FaultyWay WAY = new FaultyWay(TRAIL::heard);

    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(1, 2,
            Map.of("fault-hooks.enabled", "true", "fault-hooks.delay-step-millis", "10",
                    "router.wait-for-replica", "30s", "language.threads", "1"))
            .reachedBy(WAY);

    @Test
    void aNodeThatStandsStillLosesItsAnswerAndFreesItWhenItWakes() throws Exception {
        var whole = whole(LONG);
        var trial = start(LONG, 30);
        var node = TRAIL.node(trial.id()).orElseThrow();
        var language = CLUSTER.metrics(node);
        double cancelled = language.value("sightline_cancelled_total");
        long stoppedNanos = System.nanoTime();
        CLUSTER.signal("STOP", node);
        try {
            assertSame(trial, whole, 1);
            Thread.sleep(STANDSTILL.minusNanos(System.nanoTime() - stoppedNanos)); // a standstill is a time
        } finally {
            CLUSTER.signal("CONT", node);
        }
        long wokenNanos = System.nanoTime();
        language.await("sightline_cancelled_total", count -> count == cancelled + 1, FREED);
        for (var gauge : List.of("sightline_sequences_running", "sightline_kv_blocks_used"))
            language.await(gauge, value -> value == 0, FREED);
        double gapSeconds = trial.longestGapNanos(stoppedNanos) / 1e9;
        System.out.printf("moved after %.3f s, freed %.3f s after it woke, %.0f tokens fenced%n", gapSeconds,
                (System.nanoTime() - wokenNanos) / 1e9,
                CLUSTER.metrics("router-1").value("sightline_fenced_tokens_total"));
        assertThat(gapSeconds).isLessThan(MOVED_WITHIN_SECONDS);
        awaitBoth();
    }

    @Test
    void anAnswerWhoseNodesAreAllKilledWaitsForOneToBeBack() throws Exception {
        var whole = whole(LONG);
        var trial = start(LONG, 30);
        for (var node : CLUSTER.serving())
            assertThat(CLUSTER.process(node).destroyForcibly()).isTrue();
        CLUSTER.awaitNodes(nodes -> nodes.stream().mapToInt(Node::getWaiting).sum() == 1, BACK);
        assertThat(trial.await().choices()).isEqualTo(whole.choices());
        awaitBoth();
    }

    @Test
    void anAnswerGoesOnElsewhereWhenTheWayToItsNodeIsBroken() throws Exception {
        var whole = whole(SHORT);
        for (var way : Way.values())
            for (var fault : List.of(new Fault.Reset(20), new Fault.Truncate(20), new Fault.HalfClose(20))) {
                var trial = start(SHORT, 10);
                var proxy = WAY.to(TRAIL.node(trial.id()).orElseThrow());
                proxy.set(way, fault);
                if (way == Way.TO_SERVER) // where only a heartbeat passes now and then
                    assertThat(trial.await().choices()).as("%s %s", way, fault).isEqualTo(whole.choices());
                else
                    assertSame(trial, whole, 1);
                proxy.heal();
                awaitBoth();
            }
    }

    @Test
    void anAnswerStaysWhereItIsWhenTheWayIsSlow() throws Exception {
        var whole = whole(SHORT);
        for (var fault : List.of(new Fault.Delay(Duration.ofMillis(200)), new Fault.Drip(Duration.ofMillis(2)))) {
            var trial = start(SHORT, 10);
            var proxy = WAY.to(TRAIL.node(trial.id()).orElseThrow());
            proxy.set(Way.TO_CLIENT, fault);
            assertSame(trial, whole, 0);
            proxy.heal();
        }
    }

    private static void assertSame(Trial trial, Answer whole, int failovers) throws Exception {
        var answer = trial.await();
        assertThat(answer.choices()).isEqualTo(whole.choices());
        assertThat(answer.finished().getTimeline().getFailovers()).isEqualTo(failovers);
    }

    private static Answer whole(Subject subject) throws Exception {
        return RunningRequest.start(CLUSTER.inference(), subject.request()).awaitAnswer(LIMIT_SECONDS);
    }

    /** A trial that has so many tokens. */
    private static Trial start(Subject subject, int tokens) throws Exception {
        var reached = new CountDownLatch(tokens);
        var trial = new Trial(Trail.ID_FORMAT.formatted(TRIALS.incrementAndGet()), subject, CLUSTER.inference(),
                (_, _) -> reached.countDown());
        assertThat(reached.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        return trial;
    }

    private static void awaitBoth() throws Exception {
        long endNanos = System.nanoTime() + BACK.toNanos();
        while (CLUSTER.serving().size() < 2 && System.nanoTime() < endNanos)
            Thread.sleep(POLL);
        assertThat(CLUSTER.serving()).hasSize(2);
    }

    private static Subject subject(int tokens) {
        return new Subject(tokens + " tokens", new Question("Describe the image.", List.of()).request()
                .setSampling(Sampling.newBuilder().setTemperature(1).setSeed(tokens))
                .setStopping(Stopping.newBuilder().setIgnoreEos(true).setMaxNewTokens(tokens))
                .build());
    }
}
