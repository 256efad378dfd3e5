package sightline.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sightline.deploy.Demo;
import sightline.deploy.cluster.RecordedEvents.GaveUp;
import sightline.deploy.cluster.RecordedEvents.Ready;
import sightline.deploy.cluster.RecordedEvents.Restarting;
import sightline.deploy.cluster.RecordedEvents.Started;
import sightline.stage.v1.Role;
import sightline.wire.Endpoint;

@Timeout(60)
class LocalClusterTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path logs;

    private final RecordedEvents events = new RecordedEvents();

    @Test
    void aKilledProcessIsStartedAgainAndTheOtherIsLeftAlone() throws InterruptedException {
        try (var cluster = start(Map.of(), Map.of())) {
            cluster.allReady().join();
            var other = cluster.running("two").orElseThrow();
            var killed = cluster.running("one").orElseThrow();
            killed.destroyForcibly();
            assertThat(events.await(Restarting.class, LIMIT)).isEqualTo(new Restarting("one", 128 + 9));
            assertThat(events.await(Started.class, LIMIT).pid()).isNotEqualTo(killed.pid());
            assertThat(events.await(Ready.class, LIMIT)).isEqualTo(new Ready("one"));
            assertThat(cluster.running("two")).contains(other);
            assertThat(other.isAlive()).isTrue();
        }
    }

    @Test
    void closingEndsEveryProcessAndRestartsNone() throws InterruptedException {
        var cluster = start(Map.of(), Map.of());
        cluster.allReady().join();
        var processes = List.of(cluster.running("one").orElseThrow(), cluster.running("two").orElseThrow());
        cluster.close();
        assertThat(processes).noneMatch(ProcessHandle::isAlive);
        assertThat(events.left()).noneMatch(event -> event instanceof Restarting)
                .filteredOn(event -> event instanceof Ready)
                .containsExactlyInAnyOrder(new Ready("one"), new Ready("two"));
    }

    @Test
    void aWrongModelDirectoryEndsTheClusterWithItsCode() throws Exception {
        Files.writeString(logs.resolve("two.log"), "sightline: a reason of long ago\n");
        try (var cluster = start(Map.of(), Map.of("exit", "3"))) {
            assertThat(exitCode(cluster)).isEqualTo(3);
            var gaveUp = events.await(GaveUp.class, LIMIT);
            assertThat(gaveUp.exitCode()).isEqualTo(3);
            assertThat(gaveUp.lastWords()).endsWith("log of a fake node");
        }
    }

    @Test
    void aProcessThatNeverGetsReadyIsGivenUp() throws Exception {
        try (var cluster = start(Map.of(), Map.of("exit", "1"))) {
            assertThat(exitCode(cluster)).isEqualTo(70);
        }
    }

    private static int exitCode(LocalCluster cluster)
            throws InterruptedException, ExecutionException, TimeoutException {
        return cluster.gaveUp().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private LocalCluster start(Map<String, String> one, Map<String, String> two) {
        var ports = new ProcessSpec.Ports(1, 2, 3);
        var plan = new ClusterPlan(List.of(new ProcessSpec("one", Role.ROLE_VISION, ports, one),
                new ProcessSpec("two", Role.ROLE_LANGUAGE, ports, two)), List.of(new Endpoint("127.0.0.1", 4)),
                List.of());
        return LocalCluster.start(plan, JvmCommand.ofThisProcess(Demo.HOME, FakeNode.class.getName()), logs, events);
    }
}
