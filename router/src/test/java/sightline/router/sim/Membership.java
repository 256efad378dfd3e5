package sightline.router.sim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import sightline.router.fleet.PeerId;
import sightline.runtime.KnownNode;
import sightline.stage.v1.NodeReport;

/** What one router hears of the cluster: every half second it asks all workers how they are, and tells what it knows. */
final class Membership {
    private static final long ASK_EVERY_NANOS = VirtualTime.millis(500);
    private static final long SILENT_NANOS = VirtualTime.millis(3_000);
    private static final long REMOVED_NANOS = VirtualTime.millis(8_000);

    private record Sighting(NodeReport report, long heardNanos) {}

    private final Machine router;
    private final World world;
    private final Consumer<List<KnownNode>> told;
    private final Map<PeerId, Sighting> sightings = new LinkedHashMap<>();

    Membership(Machine router, World world, Consumer<List<KnownNode>> told) {
        this.router = router;
        this.world = world;
        this.told = told;
        router.every(ASK_EVERY_NANOS, this::ask);
        router.post(this::ask);
    }

    private void ask() {
        world.nodes().forEach(this::ask);
        sightings.values().removeIf(seen -> router.nowNanos() - seen.heardNanos >= REMOVED_NANOS);
        told.accept(sightings.values().stream().map(this::known).toList());
    }

    /** Question and answer in one: either may be lost, and who is stopped gives none. */
    private void ask(Node node) {
        boolean reached = !world.network().isCut(router.name(), node.machine().name());
        if (reached && node.machine().is(Machine.Condition.RUNNING)) {
            var report = node.spec().report(node.machine().incarnation(), node.state());
            world.network().gossip(node.machine(), router, () -> heard(report));
        }
    }

    private void heard(NodeReport report) {
        sightings.keySet()
                .removeIf(peer -> peer.name().equals(report.getName()) && peer.incarnation() < report.getIncarnation());
        boolean outlived = sightings.keySet()
                .stream()
                .anyMatch(peer -> peer.name().equals(report.getName())
                        && peer.incarnation() > report.getIncarnation());
        if (!outlived)
            sightings.put(new PeerId(report.getName(), report.getIncarnation()),
                    new Sighting(report, router.nowNanos()));
    }

    private KnownNode known(Sighting seen) {
        return new KnownNode(seen.report, router.nowNanos() - seen.heardNanos >= SILENT_NANOS
                ? KnownNode.Standing.SILENT
                : KnownNode.Standing.ANSWERING);
    }
}
