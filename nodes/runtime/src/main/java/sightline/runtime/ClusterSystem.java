package sightline.runtime;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;
import sightline.runtime.NodeSettings.ClusterSettings;
import sightline.stage.v1.NodeReport;

/** Starts the actor system of a process as a member of the cluster {@code sightline}. */
final class ClusterSystem {
    private static final String NAME = "sightline";

    private ClusterSystem() {}

    /**
     * Binds the cluster's port and begins to join; does not wait for the others.
     *
     * @param role as other members see it
     * @param drainTimeout how long the shutdown waits for running calls
     */
    static ActorSystem<Void> start(ClusterSettings settings, String role, Duration drainTimeout) throws StartFailure {
        try {
            var system = ActorSystem.<Void>create(Behaviors.empty(), NAME, config(settings, role, drainTimeout));
            var cluster = Cluster.get(system);
            if (settings.seeds().isEmpty())
                cluster.manager().tell(Join.create(cluster.selfMember().address()));
            return system;
        } catch (RuntimeException e) {
            throw startFailure(settings, e);
        }
    }

    private static StartFailure startFailure(ClusterSettings settings, RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause())
            if (cause instanceof java.net.BindException || cause instanceof java.net.UnknownHostException
                    || cause instanceof java.nio.channels.UnresolvedAddressException)
                return Ports.cannotBind(settings.listener().bind(), "cluster.port", cause);
        throw e;
    }

    private static Config config(ClusterSettings settings, String role, Duration drainTimeout) {
        var listener = settings.listener();
        Map<String, Object> values = new HashMap<>();
        values.put("pekko.remote.artery.canonical.hostname", listener.advertisedHost().orElse(listener.bind().host()));
        values.put("pekko.remote.artery.canonical.port", listener.advertisedPort().orElse(listener.bind().port()));
        values.put("pekko.remote.artery.bind.hostname", listener.bind().host());
        values.put("pekko.remote.artery.bind.port", listener.bind().port());
        values.put("pekko.cluster.roles", List.of(role));
        values.put("pekko.cluster.seed-nodes",
                settings.seeds().stream().map(seed -> "pekko://" + NAME + "@" + seed).toList());
        values.put("pekko.cluster.seed-node-timeout", settings.seedTimeout());
        values.put("pekko.coordinated-shutdown.phases.cluster-exiting.timeout", settings.leaveTimeout());
        values.put("pekko.cluster.split-brain-resolver.stable-after", settings.stableAfter());
        values.put("pekko.cluster.failure-detector.acceptable-heartbeat-pause", settings.acceptableHeartbeatPause());
        values.put("pekko.coordinated-shutdown.phases.before-service-unbind.timeout", drainTimeout);
        values.put("pekko.coordinated-shutdown.phases.service-requests-done.timeout", drainTimeout.plusSeconds(1));
        values.put("pekko.actor.serialization-bindings.\"" + NodeAgent.Query.class.getName() + "\"", "sightline");
        values.put("pekko.actor.serialization-bindings.\"" + NodeReport.class.getName() + "\"", "sightline");
        for (String reason : List.of("ClusterDowningReason", "ClusterJoinUnsuccessfulReason"))
            values.put("pekko.coordinated-shutdown.reason-overrides.\"org.apache.pekko.actor.CoordinatedShutdown$"
                    + reason + "$\".exit-jvm", settings.exitWhenRemoved());
        return ConfigFactory.parseMap(values)
                .withFallback(ConfigFactory.parseResources("sightline/pekko.conf"))
                .withFallback(ConfigFactory.defaultReference())
                .resolve();
    }
}
