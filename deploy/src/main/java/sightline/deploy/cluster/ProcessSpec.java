package sightline.deploy.cluster;

import java.nio.file.Path;
import java.util.Map;

import sightline.stage.v1.Role;
import sightline.wire.Endpoint;

/**
 * One process of a cluster, the same after every restart: others find it again under its name and ports.
 *
 * @param settings keys below {@code sightline} and their values
 */
public record ProcessSpec(String name, Role role, Ports ports, Map<String, String> settings) {
    public ProcessSpec {
        settings = Map.copyOf(settings);
    }

    /**
     * The ports of a process on this machine.
     *
     * @param artery membership
     * @param node gRPC between nodes
     * @param metrics Prometheus
     */
    public record Ports(int artery, int node, int metrics) {}

    /** Where the process shows its metrics. */
    public Endpoint metrics() {
        return Hosts.METRICS.endpoint(ports.metrics(), settings);
    }

    /** Where the process logs. */
    public Path log(Path logs) {
        return logs.resolve(name + ".log");
    }
}
