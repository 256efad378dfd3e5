package sightline.runtime;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import sightline.model.SmallFiles;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.StagePlace;
import sightline.wire.Endpoint;

/**
 * What this process says about itself, always whole: written while it starts and stops, read by the agent's actor and
 * by gRPC threads.
 */
final class NodeStatus {
    private final AtomicReference<NodeDescription> description;
    private final AtomicReference<Optional<SmallFiles>> files = new AtomicReference<>(Optional.empty());
    private final AtomicReference<Supplier<Load>> load = new AtomicReference<>(Load::getDefaultInstance);

    /**
     * Begins with {@code first}.
     *
     * @param first of an incarnation that differs from that of every earlier process of the same name
     */
    NodeStatus(NodeDescription first) {
        this.description = new AtomicReference<>(first);
    }

    /** Differs from that of every other life of a node. */
    static long newIncarnation() {
        return RandomGenerator.of("SecureRandom").nextLong();
    }

    /** To others it is from now on as if this were another process. */
    void renew() {
        update(b -> b.setIncarnation(newIncarnation()));
    }

    NodeDescription describe() {
        return description.get().toBuilder().setLoad(load.get().get()).build();
    }

    NodeReport report() {
        var d = describe();
        var report = NodeReport.newBuilder()
                .setName(d.getName())
                .setRole(d.getRole())
                .setEndpoint(d.getEndpoint())
                .setMetrics(d.getMetrics())
                .setState(d.getState())
                .setLoad(d.getLoad())
                .setIncarnation(d.getIncarnation());
        if (d.hasPlace())
            report.setPlace(d.getPlace());
        return report.build();
    }

    /** The small files of the served model once there is one. */
    Optional<SmallFiles> files() {
        return files.get();
    }

    void load(Supplier<Load> supplier) {
        load.set(supplier);
    }

    /** A process that drains never serves again. */
    void state(NodeState state) {
        update(b -> b.getState() == NodeState.NODE_STATE_DRAINING ? b : b.setState(state));
    }

    void place(StagePlace place) {
        update(b -> b.setPlace(place));
    }

    /** Where the node port is reached, or on a router, once it is open, the public one. */
    void endpoint(Endpoint endpoint) {
        update(b -> b.setEndpoint(endpoint.toString()));
    }

    void serves(ServedNode node) {
        files.set(Optional.of(node.files()));
        update(b -> b.setModel(node.model())
                .setDevice(node.device())
                .setDtype(node.dtype())
                .setFingerprint(node.fingerprint().orElse(""))
                .setContextLength(node.contextLength()));
    }

    private void update(UnaryOperator<NodeDescription.Builder> change) {
        description.updateAndGet(d -> change.apply(d.toBuilder()).build());
    }
}
