package sightline.runtime;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import sightline.stage.v1.NodeReport;

/**
 * Tells a subscriber, every half second and whenever a node appears or its state changes, all nodes of the cluster and
 * how they are, this one included.
 *
 * <p>A node appears with its first answer. One that leaves the cluster is left out of the next telling; one that stops
 * answering is told as silent after three seconds, until it answers again or the cluster removes it.
 */
public final class NodeDirectory extends AbstractMatchingBehavior<NodeDirectory.Command> {
    private static final Duration ASK_EVERY = Duration.ofMillis(500);

    /** What the directory's own timers and the cluster tell it. */
    public sealed interface Command {}

    private record Listed(Set<ActorRef<NodeAgent.Query>> agents) implements Command {}

    private record Heard(ActorRef<NodeAgent.Query> agent, NodeReport report) implements Command {}

    private enum AskAll implements Command {
        ASK_ALL
    }

    private enum Unanswered implements Command {
        UNANSWERED
    }

    /** Every node known now; replaces what was told before. */
    public record Known(List<KnownNode> nodes) {
        public Known {
            nodes = List.copyOf(nodes);
        }
    }

    private final ActorRef<Known> subscriber;
    private final LongSupplier nanoClock;
    private Set<ActorRef<NodeAgent.Query>> agents = Set.of();
    private Sightings<ActorRef<NodeAgent.Query>> sightings = Sightings.none();

    public static Behavior<Command> create(ActorRef<Known> subscriber) {
        return Behaviors.setup(context -> Behaviors
                .withTimers(timers -> new NodeDirectory(context, timers, subscriber, System::nanoTime)));
    }

    private NodeDirectory(ActorContext<Command> context, TimerScheduler<Command> timers, ActorRef<Known> subscriber,
            LongSupplier nanoClock) {
        super(context);
        this.subscriber = subscriber;
        this.nanoClock = nanoClock;
        var listings = context.messageAdapter(Receptionist.Listing.class,
                listing -> new Listed(Set.copyOf(listing.getAllServiceInstances(NodeAgent.KEY))));
        context.getSystem().receptionist().tell(Receptionist.subscribe(NodeAgent.KEY, listings));
        timers.startTimerWithFixedDelay(AskAll.ASK_ALL, ASK_EVERY);
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Listed m -> onListed(m);
            case Heard m -> onHeard(m);
            case AskAll _ -> onAskAll();
            case Unanswered _ -> this; // its last answer grows old, which is what tells
        };
    }

    private Behavior<Command> onListed(Listed message) {
        agents = message.agents();
        sightings = sightings.listed(agents);
        return onAskAll();
    }

    private Behavior<Command> onHeard(Heard message) {
        if (!agents.contains(message.agent()))
            return this;
        boolean isNews = sightings.state(message.agent()) != message.report().getState();
        sightings = sightings.heard(message.agent(), message.report(), nanoClock.getAsLong());
        if (isNews)
            tell();
        return this;
    }

    private Behavior<Command> onAskAll() {
        agents.forEach(this::ask);
        tell();
        return this;
    }

    private void tell() {
        subscriber.tell(new Known(sightings.known(nanoClock.getAsLong())));
    }

    private void ask(ActorRef<NodeAgent.Query> agent) {
        var known = sightings.state(agent);
        getContext().ask(NodeReport.class, agent, Sightings.SILENT_AFTER, me -> new NodeAgent.Query(me, known),
                (report, _) -> report == null ? Unanswered.UNANSWERED : new Heard(agent, report));
    }
}
