package sightline.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import sightline.stage.v1.Role;

class ClusterPlanTest {
    private static final ClusterPlan.Wish WISH = new ClusterPlan.Wish(2, 3, OptionalInt.empty(),
            Map.of("model.dir", "/models/a"));

    @Test
    void everyProcessHasItsOwnNameAndPorts() {
        var processes = ClusterPlan.of(WISH).processes();
        assertThat(processes).extracting(ProcessSpec::name)
                .containsExactly("router-1", "vision-1", "vision-2",
                        "language-1", "language-2", "language-3");
        assertThat(processes.stream()
                .map(ProcessSpec::ports)
                .flatMap(ports -> Stream.of(ports.artery(), ports.node(), ports.metrics()))).doesNotHaveDuplicates();
    }

    /** On an even split the side with the lowest address survives, and it must be the router's. */
    @Test
    void routerHasTheLowestArteryPort() {
        var processes = ClusterPlan.of(WISH).processes();
        assertThat(processes.stream().min((a, b) -> Integer.compare(a.ports().artery(), b.ports().artery())))
                .hasValueSatisfying(lowest -> assertThat(lowest.role()).isEqualTo(Role.ROLE_ROUTER));
    }

    @Test
    void seedsNameTheRouterAndThenOneWorkerOfEachRole() {
        var processes = ClusterPlan.of(WISH).processes();
        var seeds = List.of(processes.get(0), processes.get(1), processes.get(3))
                .stream()
                .map(spec -> "\"127.0.0.1:" + spec.ports().artery() + "\"")
                .toList();
        assertThat(processes).allSatisfy(
                spec -> assertThat(spec.settings()).containsEntry("cluster.seeds",
                        "[" + String.join(",", seeds) + "]"));
    }

    @Test
    void takenPortsAreLeftOut() throws IOException {
        int taken = ClusterPlan.of(WISH).router().port();
        try (var _ = new ServerSocket(taken, 1, InetAddress.getLoopbackAddress())) {
            assertThat(ClusterPlan.of(WISH).router().port()).isGreaterThan(taken);
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
        var plan = ClusterPlan.of(new ClusterPlan.Wish(1, 1, OptionalInt.of(4711), Map.of()));
        assertThat(plan.router().port()).isEqualTo(4711);
        assertThat(plan.processes().getFirst().settings()).containsEntry("router.port", "4711");
    }

    @Test
    void settingsOfTheWishWin() {
        var plan = ClusterPlan.of(
                new ClusterPlan.Wish(1, 1, OptionalInt.empty(), Map.of("cluster.leave-timeout", "1s")));
        assertThat(plan.processes())
                .allSatisfy(spec -> assertThat(spec.settings()).containsEntry("cluster.leave-timeout", "1s"));
    }

    @Test
    void aClusterNeedsBothKindsOfWorkers() {
        assertThatThrownBy(() -> new ClusterPlan.Wish(0, 1, OptionalInt.empty(), Map.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: at least one");
    }
}
