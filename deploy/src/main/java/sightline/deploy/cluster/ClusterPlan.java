package sightline.deploy.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import sightline.runtime.RoleName;
import sightline.stage.v1.Role;
import sightline.wire.Endpoint;

/**
 * The processes of a cluster on this machine, some of each role, with every port decided.
 *
 * @param routers where clients reach each of them
 * @param seeds by which further processes join
 */
public record ClusterPlan(List<ProcessSpec> processes, List<Endpoint> routers, List<Endpoint> seeds) {

    private static final int FIRST_PUBLIC_PORT = 7070;
    private static final int FIRST_NODE_PORT = 7170;
    private static final int FIRST_METRICS_PORT = 9101;
    private static final int FIRST_ARTERY_PORT = 25_520;
    static final Set<String> DECIDED_HERE = new TreeSet<>(
            Set.of("node.name", "cluster.port", "cluster.seeds", "grpc.port", "metrics.port", "router.port",
                    "language.replica", "language.stage"));

    public ClusterPlan {
        processes = List.copyOf(processes);
        routers = List.copyOf(routers);
        seeds = List.copyOf(seeds);
    }

    /**
     * What is to be started.
     *
     * @param language replicas
     * @param stages processes of each replica
     * @param publicPort of the first router; absent: the first free one from 7070 on
     * @param settings further settings of every process, but none that differs from process to process
     */
    public record Wish(int routers, int vision, int language, int stages, OptionalInt publicPort,
            Map<String, String> settings) {

        /** With replicas of one process each. */
        public Wish(int routers, int vision, int language, OptionalInt publicPort, Map<String, String> settings) {
            this(routers, vision, language, 1, publicPort, settings);
        }

        public Wish {
            if (stages < 1) {
                throw new IllegalArgumentException("stages: " + stages + " (expected: at least one)");
            }
            if (routers < 1 || vision < 1 || language < 1) {
                throw new IllegalArgumentException("routers, vision, language: " + routers + ", " + vision + ", "
                        + language + " (expected: at least one process of each)");
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
        List<Endpoint> routers = publicPorts(wish).stream()
                .map(port -> Hosts.PUBLIC.endpoint(port, wish.settings()))
                .toList();
        Drafts drafts = new Drafts(routers);
        drafts.addVision(wish.vision());
        drafts.addLanguage(wish.language(), wish.stages());
        List<Endpoint> seeds = drafts.seeds(wish.settings());
        Map<String, String> common = new HashMap<>(CoreShare.settings(wish.vision(), wish.language() * wish.stages(),
                Runtime.getRuntime().availableProcessors()));
        common.put("cluster.seeds", hoconList(seeds));
        common.putAll(wish.settings());
        return new ClusterPlan(drafts.specs.stream().map(draft -> complete(draft, common)).toList(), routers,
                seeds);
    }

    private static String hoconList(List<Endpoint> endpoints) {
        return endpoints.stream().map(endpoint -> "\"" + endpoint + "\"").collect(Collectors.joining(",", "[", "]"));
    }

    /** The one that was asked for, or the first free one, and the free ones behind it. */
    private static List<Integer> publicPorts(Wish wish) {
        List<Integer> ports = new ArrayList<>();
        wish.publicPort().ifPresent(ports::add);
        LocalPorts free = LocalPorts.behind(wish.publicPort(), FIRST_PUBLIC_PORT);
        while (ports.size() < wish.routers()) {
            ports.add(free.next());
        }
        return ports;
    }

    private static ProcessSpec complete(ProcessSpec draft, Map<String, String> common) {
        Map<String, String> settings = new HashMap<>(draft.settings());
        settings.put("node.name", draft.name());
        settings.put("cluster.port", Integer.toString(draft.ports().artery()));
        // All start and end together on one machine: the first has few to wait for, the last nobody to tell.
        settings.put("cluster.seed-timeout", "2s");
        settings.put("cluster.leave-timeout", "500ms");
        settings.put("grpc.port", Integer.toString(draft.ports().node()));
        settings.put("metrics.port", Integer.toString(draft.ports().metrics()));
        settings.putAll(common);
        return new ProcessSpec(draft.name(), draft.role(), draft.ports(), settings);
    }

    /** Processes with their names and ports. */
    private static final class Drafts {

        /*
         * Routers are drafted first and so have the lowest Artery ports: when half of a cluster loses sight of the
         * other half, the side with the lowest address survives. For the same reason seeds name them first, and then one
         * worker of each role: a first seed that restarts and finds no other seed would join itself, an island.
         */
        private final List<ProcessSpec> specs = new ArrayList<>();
        private final LocalPorts artery;
        private final LocalPorts node;
        private final LocalPorts metrics;

        Drafts(List<Endpoint> routers) {
            Set<Integer> taken = routers.stream().map(Endpoint::port).collect(Collectors.toSet());
            artery = new LocalPorts(FIRST_ARTERY_PORT, taken);
            node = new LocalPorts(FIRST_NODE_PORT, taken);
            metrics = new LocalPorts(FIRST_METRICS_PORT, taken);
            for (int i = 1; i <= routers.size(); i++) {
                add(Role.ROLE_ROUTER, i, Map.of("router.port", Integer.toString(routers.get(i - 1).port())));
            }
        }

        void addVision(int count) {
            for (int i = 1; i <= count; i++) {
                add(Role.ROLE_VISION, i, Map.of());
            }
        }

        /** Each replica's head under the replica's name, the further stages under that and their number. */
        void addLanguage(int replicas, int stages) {
            for (int i = 1; i <= replicas; i++) {
                String replica = name(Role.ROLE_LANGUAGE, i);
                for (int stage = 0; stage < stages; stage++) {
                    add(stage == 0 ? replica : replica + "." + stage, Role.ROLE_LANGUAGE, stages == 1
                            ? Map.of()
                            : Map.of("language.replica", replica, "language.stage", stage + "/" + stages));
                }
            }
        }

        private void add(Role role, int number, Map<String, String> settings) {
            add(name(role, number), role, settings);
        }

        private void add(String name, Role role, Map<String, String> settings) {
            ProcessSpec.Ports ports = new ProcessSpec.Ports(artery.next(), node.next(), metrics.next());
            specs.add(new ProcessSpec(name, role, ports, settings));
        }

        private static String name(Role role, int number) {
            return RoleName.of(role) + "-" + number;
        }

        /** All routers and the first worker of each role. */
        List<Endpoint> seeds(Map<String, String> common) {
            return Stream
                    .of(all(Role.ROLE_ROUTER), all(Role.ROLE_VISION).limit(1), all(Role.ROLE_LANGUAGE).limit(1))
                    .flatMap(processes -> processes)
                    .map(spec -> Hosts.CLUSTER.endpoint(spec.ports().artery(), common))
                    .toList();
        }

        private Stream<ProcessSpec> all(Role role) {
            return specs.stream().filter(spec -> spec.role() == role);
        }
    }
}
