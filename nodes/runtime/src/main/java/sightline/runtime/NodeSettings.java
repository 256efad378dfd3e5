package sightline.runtime;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.event.Level;
import sightline.stage.v1.Role;
import sightline.wire.Endpoint;

/**
 * The settings that every process has.
 *
 * @param name empty: made from the role and the process id
 * @param drainTimeout how long running calls may go on after the process was told to stop
 */
public record NodeSettings(Optional<String> name, Level logLevel, ClusterSettings cluster, Listener grpc,
        Duration drainTimeout, Listener metrics, FaultHooks faultHooks) {

    /**
     * A port to open.
     *
     * @param bind port 0 takes any free one
     * @param advertisedHost how others reach it; absent: as bound
     */
    public record Listener(Endpoint bind, Optional<String> advertisedHost, Optional<Integer> advertisedPort) {
        private static final Set<String> EVERYWHERE = Set.of("0.0.0.0", "::");

        public Listener {
            if (EVERYWHERE.contains(bind.host()) && advertisedHost.isEmpty())
                throw new IllegalArgumentException(
                        "host: " + bind.host()
                                + " (expected: advertised-host beside it, as others reach this process)");
            if (advertisedPort.filter(port -> port < 1 || port > 65_535).isPresent())
                throw new IllegalArgumentException(
                        "advertised-port: " + advertisedPort.get() + " (expected: 0..65535)");
        }

        public static Listener from(Config section) {
            int port = section.getInt("advertised-port");
            return new Listener(new Endpoint(section.getString("host"), section.getInt("port")),
                    text(section, "advertised-host"),
                    port == 0 ? Optional.empty() : Optional.of(port));
        }

        /** How others reach the port once it is bound. */
        public Endpoint advertised(int boundPort) {
            return new Endpoint(advertisedHost.orElse(bind.host()), advertisedPort.orElse(boundPort));
        }
    }

    /** Membership: where to listen, whom to join, when to give up. */
    public record ClusterSettings(Listener listener, List<Endpoint> seeds, Duration seedTimeout,
            Duration leaveTimeout, Duration stableAfter, Duration acceptableHeartbeatPause, boolean exitWhenRemoved) {

        public ClusterSettings {
            seeds = List.copyOf(seeds);
        }

        static ClusterSettings from(Config section) {
            return new ClusterSettings(Listener.from(section),
                    section.getStringList("seeds").stream().map(Endpoint::parse).toList(),
                    section.getDuration("seed-timeout"), section.getDuration("leave-timeout"),
                    section.getDuration("stable-after"), section.getDuration("acceptable-heartbeat-pause"),
                    section.getBoolean("exit-when-removed"));
        }
    }

    /** The configured name, or one made from the role and the process id. */
    public String nameFor(Role role) {
        return name.orElseGet(() -> RoleName.of(role) + "-" + ProcessHandle.current().pid());
    }

    /** Reads the sections node, cluster, grpc, metrics and fault-hooks. */
    public static NodeSettings from(Config settings) {
        return new NodeSettings(text(settings, "node.name"), level(settings.getString("node.log-level")),
                ClusterSettings.from(settings.getConfig("cluster")), Listener.from(settings.getConfig("grpc")),
                settings.getDuration("grpc.drain-timeout"), Listener.from(settings.getConfig("metrics")),
                FaultHooks.from(settings.getConfig("fault-hooks")));
    }

    private static Optional<String> text(Config section, String key) {
        return Optional.of(section.getString(key)).filter(t -> !t.isBlank());
    }

    private static Level level(String text) {
        for (Level level : Level.values())
            if (level.name().equalsIgnoreCase(text))
                return level;
        throw new IllegalArgumentException(
                "node.log-level: " + text + " (expected: error, warn, info, debug or trace)");
    }
}
