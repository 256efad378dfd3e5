package sightline.runtime;

import io.grpc.BindableService;
import io.grpc.Server;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.SupervisorStrategy;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.stage.v1.StagePlace;
import sightline.wire.Endpoint;

/**
 * One process of the cluster: its ports are open and it can be described from the moment {@link #start} returns, and it
 * serves from {@link #ready} on.
 *
 * <p>In between its role adds actors and gRPC services, in any order, from one thread. {@link #close} stops everything
 * in the order of {@link StopOrder}.
 */
public final class NodeProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(NodeProcess.class);

    /** A router asks twice a second, and one that did not for so long will be out of reach soon. */
    private static final Duration KNOWN_WITHIN = Duration.ofSeconds(5);

    private final NodePorts ports;
    private final ActorSystem<Void> system;
    private final StopOrder stop;
    private final CompletableFuture<Done> routersKnow = new CompletableFuture<>();

    private NodeProcess(NodePorts ports, ActorSystem<Void> system, StopOrder stop) {
        this.ports = ports;
        this.system = system;
        this.stop = stop;
    }

    /**
     * Opens the metrics port and the node port, then begins to join the cluster.
     *
     * @param healthServices names that the health service answers for besides the empty one
     */
    public static NodeProcess start(NodeSettings settings, Role role, Set<String> healthServices) throws StartFailure {
        var ports = NodePorts.open(settings, role, new Health(healthServices));
        try {
            var system = ClusterSystem.start(settings.cluster(), RoleName.of(role), settings.drainTimeout());
            var process = new NodeProcess(ports, system, new StopOrder(system, settings.drainTimeout()));
            process.planStop(process.spawn(NodeAgent.create(ports.status()), "node-agent", Props.empty()));
            LOG.info("event=started {}", process);
            return process;
        } catch (StartFailure | RuntimeException e) {
            ports.close();
            throw e;
        }
    }

    public ActorSystem<Void> system() {
        return system;
    }

    /** Starts an actor of the role at the top. One that throws is stopped, where Pekko itself would restart it here. */
    public <T> ActorRef<T> spawn(Behavior<T> behavior, String actorName, Props props) {
        return system.systemActorOf(Behaviors.supervise(behavior).onFailure(SupervisorStrategy.stop()), actorName,
                props);
    }

    /** Where a role's metrics class registers. */
    public ProcessMetrics metrics() {
        return ports.metrics();
    }

    public Health health() {
        return ports.health();
    }

    public String name() {
        return ports.status().describe().getName();
    }

    /** How other nodes reach this one. */
    public Endpoint endpoint() {
        return ports.endpoint();
    }

    /** Adds a service to the node port. */
    public void serve(BindableService service) {
        ports.services().addService(service);
    }

    /** Opens a port for anybody, with health and reflection beside {@code services}; others are told of this one. */
    public Endpoint openPublic(NodeSettings.Listener listener, String setting, PublicLimits limits,
            PublicServices services) throws StartFailure {
        Server server = ports.openPublic(listener.bind(), setting, limits, services);
        stop.drain("public-port", server);
        var endpoint = listener.advertised(server.getPort());
        ports.status().endpoint(endpoint);
        return endpoint;
    }

    /** Tells the cluster what this worker serves, now that it knows. */
    public void serves(ServedNode served) {
        ports.status().serves(served);
        ports.metrics().fingerprint(served.fingerprint().orElse(""));
    }

    /** Tells the cluster where this language node stands in its replica. */
    public void place(StagePlace place) {
        ports.status().place(place);
    }

    /** A process that this one is made of has been replaced: to others it is as if this one had been. */
    public void renew() {
        ports.status().renew();
    }

    /** Where the load in every description and report comes from; called from any thread. */
    public void load(Supplier<Load> load) {
        ports.status().load(load);
    }

    /**
     * The role is warm: tells the cluster, and whoever started this process by one line on standard output.
     *
     * <p>Workers report health from now on; a router's depends on its workers and is the router's to say.
     */
    public void ready() {
        ports.status().state(NodeState.NODE_STATE_SERVING);
        if (!isRouter())
            health().serving(true);
        LOG.info("event=ready {}", this);
        System.out.println("ready " + this);
    }

    /** The role cannot serve for now; {@link #ready} says when it can again. */
    public void unready(String why) {
        LOG.warn("event=unready reason={} {}", LogValue.of(why), this);
        ports.status().state(NodeState.NODE_STATE_STARTING);
        health().serving(false);
    }

    /** Says, to whoever started this process, how many layers of its model are loaded. */
    public void loading(int done, int layers) {
        LOG.info("event=loading layers={}/{}", done, layers);
        System.out.println("loading layers=" + done + "/" + layers);
    }

    boolean isReady() {
        return ports.status().describe().getState() == NodeState.NODE_STATE_SERVING;
    }

    /**
     * Runs first when the process stops, once every router knows, while every call is still served: ends what would not
     * end by itself.
     *
     * @param action whose result is waited for, no longer than the time to drain
     */
    public void onDrain(String task, Supplier<CompletionStage<Done>> action) {
        stop.onDrain(task, () -> routersKnow.thenCompose(_ -> action.get()));
    }

    /** Runs when the process stops and no call runs any more: frees what the role holds. */
    public void onStop(String task, Supplier<CompletionStage<Done>> action) {
        stop.onStop(task, action);
    }

    /** Completes when everything has stopped, for whatever reason. */
    public CompletionStage<Done> whenStopped() {
        return system.getWhenTerminated();
    }

    /** Drains, leaves the cluster and stops; returns when all of it is done. */
    @Override
    public void close() {
        CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.actorSystemTerminateReason());
        whenStopped().toCompletableFuture().join();
    }

    @Override
    public String toString() {
        var d = ports.status().describe();
        return "name=" + d.getName() + " role=" + RoleName.of(d.getRole()) + " grpc=" + d.getEndpoint() + " metrics="
                + d.getMetrics();
    }

    private void planStop(ActorRef<NodeAgent.Command> agent) {
        stop.onDrain("tell-draining", () -> {
            LOG.info("event=draining {}", this);
            ports.status().state(NodeState.NODE_STATE_DRAINING);
            health().stopping();
            if (isRouter() || isFurtherStage())
                routersKnow.complete(Done.getInstance()); // no router sends these work
            else
                agent.tell(new NodeAgent.Leaving(routersKnow));
            return routersKnow.completeOnTimeout(Done.getInstance(), KNOWN_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        });
        stop.drain("node-port", ports.server());
        stop.atLast("close-ports", ports::close);
    }

    private boolean isFurtherStage() {
        return ports.status().describe().getPlace().getStage() > 0;
    }

    private boolean isRouter() {
        return ports.status().describe().getRole() == Role.ROLE_ROUTER;
    }
}
