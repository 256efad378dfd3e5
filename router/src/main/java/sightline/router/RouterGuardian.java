package sightline.router;

import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.router.fleet.Fleet;
import sightline.router.fleet.FleetView;
import sightline.router.fleet.LanguageDispatcher;
import sightline.router.fleet.ModelLearning;
import sightline.router.fleet.PeerConnector;
import sightline.router.fleet.VisionDispatcher;
import sightline.router.session.PromptPreparation;
import sightline.router.session.RouterMetrics;
import sightline.router.session.SessionSurroundings;
import sightline.router.session.Sessions;
import sightline.runtime.NodeDirectory;
import sightline.wire.Endpoint;

/** Starts a router's actors. None of them may fail: if one does, the whole process ends rather than limp. */
final class RouterGuardian extends AbstractMatchingBehavior<RouterGuardian.Command> {
    private static final Logger LOG = LoggerFactory.getLogger(RouterGuardian.class);

    /** What the fleet and the directory tell. */
    sealed interface Command {}

    private record Known(NodeDirectory.Known known) implements Command {}

    private record View(FleetView view) implements Command {}

    /**
     * What the actors are made of.
     *
     * @param directory tells of nodes
     * @param relay where this router passes projected tokens on
     * @param serving is told after every change whether a model can be asked now
     */
    record Parts(RouterSettings settings, RouterMetrics metrics, PromptPreparation preparation, PeerConnector connector,
            Function<ActorRef<NodeDirectory.Known>, Behavior<NodeDirectory.Command>> directory, Endpoint relay,
            Consumer<Boolean> serving) {}

    private final ActorRef<Fleet.Command> fleet;
    private final Consumer<Boolean> serving;

    static Behavior<Command> create(Parts parts, CompletableFuture<RouterActors> started) {
        return Behaviors.setup(context -> new RouterGuardian(context, parts, started));
    }

    private RouterGuardian(ActorContext<Command> context, Parts parts, CompletableFuture<RouterActors> started) {
        super(context);
        var settings = parts.settings();
        serving = parts.serving();
        fleet = child(
                Fleet.create(parts.connector(), new ModelLearning(parts.preparation().executor()), settings.fleet()),
                "fleet");
        var vision = child(VisionDispatcher.create(fleet, settings.fleet(), parts.relay()), "vision-dispatcher");
        var language = child(LanguageDispatcher.create(fleet), "language-dispatcher");
        var sessions = child(Sessions.create(new SessionSurroundings(parts.preparation(), fleet, vision, language,
                parts.metrics(), System::nanoTime), settings.sessions(), settings.rules()), "sessions");
        fleet.tell(new Fleet.Announce(context.messageAdapter(FleetView.class, View::new)));
        child(parts.directory().apply(context.messageAdapter(NodeDirectory.Known.class, Known::new)), "node-directory");
        started.complete(new RouterActors(fleet, vision, sessions));
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Known(var known) -> onKnown(known);
            case View(var view) -> onView(view);
        };
    }

    @Override
    public Behavior<Command> onSignal(Signal signal) {
        if (signal instanceof ChildFailed failed) {
            LOG.error("event=actor-failed actor={}", failed.getRef().path().name(), failed.getCause());
            getContext().getSystem().terminate();
        }
        return this;
    }

    private Behavior<Command> onKnown(NodeDirectory.Known known) {
        fleet.tell(new Fleet.Told(known));
        return this;
    }

    private Behavior<Command> onView(FleetView view) {
        serving.accept(!view.servedModels().isEmpty());
        return this;
    }

    private <T> ActorRef<T> child(Behavior<T> behavior, String name) {
        var child = getContext().spawn(behavior, name);
        getContext().watch(child);
        return child;
    }
}
