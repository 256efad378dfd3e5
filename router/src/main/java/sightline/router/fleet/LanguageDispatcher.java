package sightline.router.fleet;

import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import sightline.stage.v1.Prefilled;
import sightline.stage.v1.Role;

/**
 * Finds a language replica for each sequence, remembers which has how many, and learns from what they took.
 *
 * <p>Decides nothing itself, see {@link ReplicaLedger}.
 */
public final class LanguageDispatcher extends AbstractMatchingBehavior<LanguageDispatcher.Command> {

    /** What sessions and the fleet tell. */
    public sealed interface Command {}

    /** Asks for a replica for a sequence. */
    public record Place(RunId id, ReplicaNeed need, PromptWork work, ActorRef<Answer> replyTo) implements Command {}

    /** The sequence's replica has read the prompt. */
    public record Read(RunId id, Prefilled told) implements Command {}

    /** The sequence's replica has decoded so many tokens, for a client that kept pace, in that time. */
    public record Decoded(RunId id, int tokens, long micros) implements Command {}

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

    private final ReplicaLedger ledger = new ReplicaLedger();
    private final LongSupplier nanoClock;
    private FleetView view = FleetView.empty();

    public static Behavior<Command> create(ActorRef<Fleet.Command> fleet) {
        return Behaviors.setup(context -> new LanguageDispatcher(context, fleet, System::nanoTime));
    }

    private LanguageDispatcher(ActorContext<Command> context, ActorRef<Fleet.Command> fleet, LongSupplier nanoClock) {
        super(context);
        this.nanoClock = nanoClock;
        fleet.tell(new Fleet.Subscribe(context.messageAdapter(FleetView.class, View::new)));
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Place m -> onPlace(m);
            case Read(var id, var told) -> onRead(id, told);
            case Decoded m -> onDecoded(m);
            case End(var id) -> onEnd(id);
            case View(var now) -> onView(now);
        };
    }

    private Behavior<Command> onPlace(Place message) {
        var replicas = view.languageReplicas(message.need().modelDigest());
        var choice = ledger.place(message.id(), message.need(), message.work(), replicas, nanoClock.getAsLong());
        message.replyTo()
                .tell(choice.<Answer>map(replica -> new Answer.Placed(message.id(), replica))
                        .orElseGet(() -> new Answer.NoReplica(message.id(), !replicas.isEmpty())));
        return this;
    }

    private Behavior<Command> onRead(RunId id, Prefilled told) {
        ledger.read(id, told, nanoClock.getAsLong());
        return this;
    }

    private Behavior<Command> onDecoded(Decoded message) {
        ledger.decoded(message.id(), message.tokens(), message.micros(), nanoClock.getAsLong());
        return this;
    }

    private Behavior<Command> onEnd(RunId id) {
        ledger.end(id);
        return this;
    }

    private Behavior<Command> onView(FleetView now) {
        view = now;
        ledger.replicas(now.workers(Role.ROLE_LANGUAGE));
        return this;
    }
}
