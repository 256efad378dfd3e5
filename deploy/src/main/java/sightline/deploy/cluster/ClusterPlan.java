package sightline.deploy.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import sightline.runtime.RoleName;
import sightline.stage.v1.Role;
import sightline.wire.Endpoint;

/** The processes of a cluster on this machine: one router and some workers of each role, with every port decided. */
public record ClusterPlan(List<ProcessSpec> processes, Endpoint router) {

    private static final int FIRST_PUBLIC_PORT = 7070;
    private static final int FIRST_NODE_PORT = 7170;
    private static final int FIRST_METRICS_PORT = 9101;
    private static final int FIRST_ARTERY_PORT = 25_520;
    private static final Set<String> DECIDED_HERE = new TreeSet<>(
            Set.of("node.name", "cluster.port", "cluster.seeds", "grpc.port", "metrics.port", "router.port"));

    public ClusterPlan {
        processes = List.copyOf(processes);
    }

    /**
     * What is to be started.
     *
     * @param publicPort of the router; absent: the first free one from 7070 on
     * @param settings further settings of every process, but none that differs from process to process
     */
    public record Wish(int vision, int language, OptionalInt publicPort, Map<String, String> settings) {

        public Wish {
            if (vision < 1 || language < 1) {
                throw new IllegalArgumentException(
                        "vision, language: " + vision + ", " + language + " (expected: at least one process of each)");
            }
            if (publicPort.isPresent() && (publicPort.getAsInt() < 1 || publicPort.getAsInt() > 65_535)) {
                throw new IllegalArgumentException("port: " + publicPort.getAsInt() + " (expected: 1..65535)");
            }
            settings.keySet().stream().filter(DECIDED_HERE::contains).findFirst().ifPresent(key -> {
                throw new IllegalArgumentException(
                        key + ": is decided for each process (expected: none of " + DECIDED_HERE + ")");
            });
            settings = Map.copyOf(settings);
        }
    }

    /** Decides names, ports and seeds; ports are free at the time of the call. */
    public static ClusterPlan of(Wish wish) {
        int publicPort = wish.publicPort().orElseGet(() -> new LocalPorts(FIRST_PUBLIC_PORT, Set.of()).next());
        Drafts drafts = new Drafts(publicPort);
        drafts.add(Role.ROLE_ROUTER, 1);
        drafts.add(Role.ROLE_VISION, wish.vision());
        drafts.add(Role.ROLE_LANGUAGE, wish.language());
        Endpoint router = LocalPorts.endpoint(publicPort);
        String seeds = drafts.seeds();
        return new ClusterPlan(drafts.specs.stream().map(draft -> complete(draft, wish, router, seeds)).toList(),
                router);
    }

    private static ProcessSpec complete(ProcessSpec draft, Wish wish, Endpoint router, String seeds) {
        Map<String, String> settings = new HashMap<>();
        settings.put("node.name", draft.name());
        settings.put("cluster.port", Integer.toString(draft.ports().artery()));
        settings.put("cluster.seeds", seeds);
        // All start and end together on one machine: the first has few to wait for, the last nobody to tell.
        settings.put("cluster.seed-timeout", "2s");
        settings.put("cluster.leave-timeout", "500ms");
        settings.put("grpc.port", Integer.toString(draft.ports().node()));
        settings.put("metrics.port", Integer.toString(draft.ports().metrics()));
        if (draft.role() == Role.ROLE_ROUTER)
            settings.put("router.port", Integer.toString(router.port()));
        settings.putAll(wish.settings());
        return new ProcessSpec(draft.name(), draft.role(), draft.ports(), settings);
    }

    /** Processes with their names and ports. */
    private static final class Drafts {

        /*
         * The router is drafted first and so has the lowest Artery port: when half of a cluster loses sight of the
         * other half, the side with the lowest address survives. For the same reason seeds name it first, and then one
         * worker of each role: a first seed that restarts and finds no other seed would join itself, an island.
         */
        private final List<ProcessSpec> specs = new ArrayList<>();
        private final LocalPorts artery;
        private final LocalPorts node;
        private final LocalPorts metrics;

        Drafts(int publicPort) {
            artery = new LocalPorts(FIRST_ARTERY_PORT, Set.of(publicPort));
            node = new LocalPorts(FIRST_NODE_PORT, Set.of(publicPort));
            metrics = new LocalPorts(FIRST_METRICS_PORT, Set.of(publicPort));
        }

        void add(Role role, int count) {
            for (int i = 1; i <= count; i++) {
                ProcessSpec.Ports ports = new ProcessSpec.Ports(artery.next(), node.next(), metrics.next());
                specs.add(new ProcessSpec(RoleName.of(role) + "-" + i, role, ports, Map.of()));
            }
        }

        /** A HOCON list of the first process of each role. */
        String seeds() {
            return Stream.of(Role.ROLE_ROUTER, Role.ROLE_VISION, Role.ROLE_LANGUAGE)
                    .map(role -> specs.stream().filter(spec -> spec.role() == role).findFirst())
                    .flatMap(Optional::stream)
                    .map(spec -> '"' + LocalPorts.endpoint(spec.ports().artery()).toString() + '"')
                    .collect(Collectors.joining(",", "[", "]"));
        }
    }
}
