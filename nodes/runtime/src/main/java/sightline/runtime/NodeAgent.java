package sightline.runtime;

import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;
import org.apache.pekko.cluster.Member;
import org.apache.pekko.cluster.MemberStatus;
import org.apache.pekko.cluster.typed.Cluster;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;

/**
 * Answers, for one process, every question how it is; found by way of the receptionist.
 *
 * <p>Once the process drains, it also finds out when every router knows.
 */
final class NodeAgent extends AbstractMatchingBehavior<NodeAgent.Command> {
    static final ServiceKey<Query> KEY = ServiceKey.create(Query.class, "sightline-node");

    /** How often to look whether a router that was not told has left meanwhile. */
    private static final Duration LOOK_EVERY = Duration.ofMillis(100);

    /** What others and this process tell the agent. */
    sealed interface Command {}

    /**
     * Asks for one report; carried as {@code NodeQuery} on the wire.
     *
     * @param known the state that the asker was told before, and has passed on
     */
    record Query(ActorRef<NodeReport> replyTo, NodeState known) implements Command {}

    /** The status says that the process drains; {@code known} is completed when all routers know. */
    record Leaving(CompletableFuture<Done> known) implements Command {}

    private enum Look implements Command {
        LOOK
    }

    private final NodeStatus status;
    private final TimerScheduler<Command> timers;
    private final Cluster cluster;
    private final Set<Address> informed = new HashSet<>();
    private Optional<CompletableFuture<Done>> leaving = Optional.empty();

    static Behavior<Command> create(NodeStatus status) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> new NodeAgent(context, timers, status)));
    }

    private NodeAgent(ActorContext<Command> context, TimerScheduler<Command> timers, NodeStatus status) {
        super(context);
        this.timers = timers;
        this.status = status;
        this.cluster = Cluster.get(context.getSystem());
        context.getSystem().receptionist().tell(Receptionist.register(KEY, context.getSelf().narrow()));
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Query query -> onQuery(query);
            case Leaving(var known) -> onLeaving(known);
            case Look _ -> onLook();
        };
    }

    private Behavior<Command> onQuery(Query query) {
        query.replyTo().tell(status.report());
        if (query.known() == NodeState.NODE_STATE_DRAINING)
            informed.add(query.replyTo().path().address());
        return this;
    }

    private Behavior<Command> onLeaving(CompletableFuture<Done> known) {
        leaving = Optional.of(known);
        timers.startTimerWithFixedDelay(Look.LOOK, LOOK_EVERY);
        return onLook();
    }

    private Behavior<Command> onLook() {
        if (routersThatStay().allMatch(informed::contains))
            leaving.ifPresent(known -> known.complete(Done.getInstance()));
        return this;
    }

    private Stream<Address> routersThatStay() {
        var state = cluster.state();
        return StreamSupport.stream(state.getMembers().spliterator(), false)
                .filter(member -> member.hasRole(RoleName.of(Role.ROLE_ROUTER)))
                .filter(member -> member.status().equals(MemberStatus.up()) && !state.getUnreachable().contains(member))
                .map(Member::address);
    }
}
