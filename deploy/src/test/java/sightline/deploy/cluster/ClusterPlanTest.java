package sightline.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import sightline.stage.v1.Role;
import sightline.wire.Endpoint;

class ClusterPlanTest {
    private static final ClusterPlan.Wish WISH = new ClusterPlan.Wish(2, 2, 3, OptionalInt.empty(),
            Map.of("model.dir", "/models/a b"));

    @Test
    void everyProcessHasItsOwnNameAndPorts() {
        var processes = ClusterPlan.of(WISH).processes();
        assertThat(processes).extracting(ProcessSpec::name)
                .containsExactly("router-1", "router-2", "vision-1", "vision-2",
                        "language-1", "language-2", "language-3");
        assertThat(processes.stream()
                .map(ProcessSpec::ports)
                .flatMap(ports -> Stream.of(ports.artery(), ports.node(), ports.metrics()))).doesNotHaveDuplicates();
    }

    /** On an even split the side with the lowest address survives, and it must be the router's. */
    @Test
    void routersHaveTheLowestArteryPorts() {
        var processes = ClusterPlan.of(WISH).processes();
        assertThat(processes.stream().sorted(Comparator.comparingInt(spec -> spec.ports().artery())).limit(2))
                .extracting(ProcessSpec::role)
                .containsOnly(Role.ROLE_ROUTER);
    }

    @Test
    void everyRouterHasAPublicPortOfItsOwn() {
        var plan = ClusterPlan.of(WISH);
        assertThat(plan.routers()).hasSize(2).doesNotHaveDuplicates();
        assertThat(plan.processes().subList(0, 2)).extracting(spec -> spec.settings().get("router.port"))
                .isEqualTo(plan.routers().stream().map(router -> Integer.toString(router.port())).toList());
    }

    @Test
    void seedsNameTheRoutersAndThenOneWorkerOfEachRole() {
        var processes = ClusterPlan.of(WISH).processes();
        var seeds = List.of(processes.get(0), processes.get(1), processes.get(2), processes.get(4))
                .stream()
                .map(spec -> "\"127.0.0.1:" + spec.ports().artery() + "\"")
                .toList();
        assertThat(processes).allSatisfy(
                spec -> assertThat(spec.settings()).containsEntry("cluster.seeds",
                        "[" + String.join(",", seeds) + "]"));
    }

    @Test
    void takenPortsAreLeftOut() throws IOException {
        int taken = ClusterPlan.of(WISH).routers().getFirst().port();
        try (var _ = new ServerSocket(taken, 1, InetAddress.getLoopbackAddress())) {
            assertThat(ClusterPlan.of(WISH).routers().getFirst().port()).isGreaterThan(taken);
        }
    }

    @Test
    void plansMadeBeforeTheirProcessesStartDoNotMeet() {
        var ports = Stream.of(ClusterPlan.of(WISH), ClusterPlan.of(WISH))
                .flatMap(plan -> plan.processes().stream())
                .map(ProcessSpec::ports)
                .flatMap(p -> Stream.of(p.artery(), p.node(), p.metrics()));
        assertThat(ports).doesNotHaveDuplicates();
    }

    @Test
    void aPortThatWasAskedForIsTaken() {
        var plan = ClusterPlan.of(new ClusterPlan.Wish(2, 1, 1, OptionalInt.of(4711), Map.of()));
        assertThat(plan.routers().getFirst().port()).isEqualTo(4711);
        assertThat(plan.routers().getLast().port()).isGreaterThan(4711);
        assertThat(plan.processes().getFirst().settings()).containsEntry("router.port", "4711");
    }

    @Test
    void behindAPortOutOfTheUsualRangeOthersTakeUsualOnes() {
        var plan = ClusterPlan.of(new ClusterPlan.Wish(2, 1, 1, OptionalInt.of(65_535), Map.of()));
        assertThat(plan.routers().getLast().port()).isBetween(7070, 32_767);
    }

    @Test
    void severalProcessesOfARoleShareTheCoresAndASingleOneHasThemAll() {
        assertThat(CoreShare.settings(1, 1, 8)).isEmpty();
        assertThat(CoreShare.settings(2, 3, 8)).containsExactlyInAnyOrderEntriesOf(
                Map.of("vision.threads", "4", "language.threads", "2"));
        assertThat(CoreShare.settings(1, 3, 2)).containsExactly(Map.entry("language.threads", "1"));
        var asked = new ClusterPlan.Wish(1, 1, 2, OptionalInt.empty(), Map.of("language.threads", "7"));
        assertThat(ClusterPlan.of(asked).processes().getLast().settings()).containsEntry("language.threads", "7");
    }

    @Test
    void oneMoreNodeJoinsBySeedsAndWithTheSettingsOfItsPeers() {
        var plan = ClusterPlan.of(new ClusterPlan.Wish(1, 1, 2, OptionalInt.empty(),
                Map.of("model.dir", "/models/a b", "language.threads", "7")));
        var seeds = plan.processes().subList(0, 3).stream().map(spec -> "127.0.0.1:" + spec.ports().artery()).toList();
        assertThat(JoinCommand.of(plan, Role.ROLE_LANGUAGE)).isEqualTo("node language --seeds "
                + String.join(",", seeds) + " --set language.threads=7 --set 'model.dir=/models/a b'");
        assertThat(JoinCommand.of(plan, Role.ROLE_VISION)).startsWith("node vision --seeds ");
        assertThat(JoinCommand.of(plan, Role.ROLE_ROUTER)).startsWith("node router --seeds ")
                .contains(" --grpc-port 0 ");
    }

    @Test
    void whereAnAddressIsGivenAllListenThereAndFurtherNodesFindTheirOwn() {
        var plan = ClusterPlan.of(new ClusterPlan.Wish(2, 1, 1, OptionalInt.empty(), Hosts.on("10.0.0.1")));
        assertThat(plan.routers()).extracting(Endpoint::host).containsOnly("10.0.0.1");
        assertThat(plan.seeds()).extracting(Endpoint::host).containsOnly("10.0.0.1");
        assertThat(plan.processes()).extracting(process -> process.metrics().host()).containsOnly("10.0.0.1");
        assertThat(JoinCommand.of(plan, Role.ROLE_VISION)).isEqualTo("node vision --seeds "
                + plan.seeds().stream().map(Endpoint::toString).collect(Collectors.joining(",")) + " --host auto");
    }

    @Test
    void everyStageOfAReplicaIsAProcessThatKnowsItsPlace() {
        var plan = ClusterPlan.of(new ClusterPlan.Wish(1, 1, 2, 2, OptionalInt.empty(), Map.of()));
        var stages = plan.processes().stream().filter(spec -> spec.role() == Role.ROLE_LANGUAGE).toList();
        assertThat(stages).extracting(ProcessSpec::name)
                .containsExactly("language-1", "language-1.1", "language-2", "language-2.1");
        assertThat(stages).extracting(
                spec -> spec.settings().get("language.replica") + " " + spec.settings().get("language.stage"))
                .containsExactly("language-1 0/2", "language-1 1/2", "language-2 0/2", "language-2 1/2");
        assertThat(plan.seeds()).hasSize(3);
        assertThat(stages).extracting(spec -> spec.settings().get("language.threads"))
                .containsOnly(CoreShare.settings(1, 4, Runtime.getRuntime().availableProcessors())
                        .get("language.threads"));
        assertThat(JoinCommand.of(plan, Role.ROLE_LANGUAGE)).doesNotContain("language.stage");
    }

    @Test
    void settingsOfTheWishWin() {
        var plan = ClusterPlan.of(
                new ClusterPlan.Wish(1, 1, 1, OptionalInt.empty(), Map.of("cluster.leave-timeout", "1s")));
        assertThat(plan.processes())
                .allSatisfy(spec -> assertThat(spec.settings()).containsEntry("cluster.leave-timeout", "1s"));
    }

    @Test
    void aClusterNeedsProcessesOfEveryRole() {
        for (var counts : List.of(List.of(0, 1, 1), List.of(1, 0, 1), List.of(1, 1, 0)))
            assertThatThrownBy(() -> new ClusterPlan.Wish(counts.get(0), counts.get(1), counts.get(2),
                    OptionalInt.empty(), Map.of())).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected: at least one");
    }
}
