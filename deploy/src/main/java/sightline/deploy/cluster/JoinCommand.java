package sightline.deploy.cluster;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import sightline.runtime.RoleName;
import sightline.stage.v1.Role;
import sightline.wire.Endpoint;

/** How one more node joins a running cluster: the arguments of {@code sightline}, for a shell. */
public final class JoinCommand {
    /** What suits processes that start and end together; the one more is a whole replica. */
    private static final Set<String> OF_A_WHOLE_CLUSTER = Set.of("cluster.seed-timeout", "cluster.leave-timeout",
            "language.layers");

    private JoinCommand() {}

    /**
     * With the settings that all of that role have, and so with equal answers; ports are any free ones. Where the cluster
     * can be reached from other machines, so can the node, on whichever of them it is started.
     */
    public static String of(ClusterPlan plan, Role role) {
        var seeds = plan.seeds().stream().map(Endpoint::toString).collect(Collectors.joining(","));
        var peer = plan.processes().stream().filter(process -> process.role() == role).findFirst().orElseThrow();
        var own = peer.settings().keySet().stream().anyMatch(Hosts::isSetting) ? " --host auto" : "";
        var publicPort = role == Role.ROLE_ROUTER ? " --grpc-port 0" : "";
        return "node " + RoleName.of(role) + " --seeds " + seeds + own + publicPort + peer.settings()
                .entrySet()
                .stream()
                .filter(setting -> !ClusterPlan.DECIDED_HERE.contains(setting.getKey())
                        && !OF_A_WHOLE_CLUSTER.contains(setting.getKey()) && !Hosts.isSetting(setting.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .map(setting -> " --set " + quoted(setting.getKey() + "=" + setting.getValue()))
                .collect(Collectors.joining());
    }

    private static String quoted(String word) {
        return word.matches("[\\w./:=,-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
