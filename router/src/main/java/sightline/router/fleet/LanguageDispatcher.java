package sightline.router.fleet;

import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/** Finds a language replica for each sequence and remembers which has how many. */
public final class LanguageDispatcher extends AbstractMatchingBehavior<LanguageDispatcher.Command> {

    /** What sessions and the fleet tell. */
    public sealed interface Command {}

    /** Asks for a replica for a sequence. */
    public record Place(RunId id, ReplicaNeed need, ActorRef<Answer> replyTo) implements Command {}

    /** The sequence is on no replica any more. */
    public record End(RunId id) implements Command {}

    private record View(FleetView view) implements Command {}

    /** One comes for every {@link Place}. */
    public sealed interface Answer {
        RunId id();

        record Placed(RunId id, Worker replica) implements Answer {}

        /**
         * No replica meets the need.
         *
         * @param othersServe whether there are some that serve the model
         */
        record NoReplica(RunId id, boolean othersServe) implements Answer {}
    }

    private final Map<RunId, PeerId> placed = new HashMap<>();
    private FleetView view = FleetView.empty();

    public static Behavior<Command> create(ActorRef<Fleet.Command> fleet) {
        return Behaviors.setup(context -> new LanguageDispatcher(context, fleet));
    }

    private LanguageDispatcher(ActorContext<Command> context, ActorRef<Fleet.Command> fleet) {
        super(context);
        fleet.tell(new Fleet.Subscribe(context.messageAdapter(FleetView.class, View::new)));
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Place m -> onPlace(m);
            case End(var id) -> onEnd(id);
            case View(var now) -> onView(now);
        };
    }

    private Behavior<Command> onPlace(Place message) {
        var sequences = placed.values().stream().collect(Collectors.groupingBy(peer -> peer, Collectors.counting()));
        var replicas = view.languageReplicas(message.need().modelDigest());
        var choice = LanguagePlacement.choose(replicas, message.need(), sequences);
        choice.ifPresent(replica -> placed.put(message.id(), replica.id()));
        message.replyTo()
                .tell(choice.<Answer>map(replica -> new Answer.Placed(message.id(), replica))
                        .orElseGet(() -> new Answer.NoReplica(message.id(), !replicas.isEmpty())));
        return this;
    }

    private Behavior<Command> onEnd(RunId id) {
        placed.remove(id);
        return this;
    }

    private Behavior<Command> onView(FleetView now) {
        view = now;
        return this;
    }
}
