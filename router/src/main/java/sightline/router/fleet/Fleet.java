package sightline.router.fleet;

import io.grpc.ManagedChannel;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Signal;
import org.apache.pekko.actor.typed.javadsl.AbstractMatchingBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.runtime.LogValue;
import sightline.runtime.NodeDirectory;
import sightline.stage.v1.NodeDescription;
import sightline.wire.Endpoint;

/**
 * Knows the nodes of the cluster and the models that they serve, and tells every change to those who subscribed.
 *
 * <p>Owns the channels to the nodes and the learned models: both are closed when it stops. Decides nothing itself, see
 * {@link FleetState}.
 */
public final class Fleet extends AbstractMatchingBehavior<Fleet.Command> {
    private static final Logger LOG = LoggerFactory.getLogger(Fleet.class);

    /** What the fleet is told. */
    public sealed interface Command {}

    /** From now on {@code subscriber} is told the view, at once and after every change. */
    public record Subscribe(ActorRef<FleetView> subscriber) implements Command {}

    /**
     * As {@link Subscribe}, but told after all of those, so that whoever hears of a view from this subscriber finds that
     * the others have it too.
     */
    public record Announce(ActorRef<FleetView> announcer) implements Command {}

    public record Look(ActorRef<FleetView> replyTo) implements Command {}

    /** Asks what became of a node that was reported lost before. */
    public record AskFate(PeerId peer, ActorRef<PeerFate> replyTo) implements Command {}

    /** A stream to the node broke, or fell silent: it gets no work until it describes itself again. */
    public record PeerLost(PeerId peer, String why) implements Command {}

    /** All nodes that the directory knows now. */
    public record Told(NodeDirectory.Known known) implements Command {}

    private record Happened(FleetEvent event) implements Command {}

    private final PeerConnector connector;
    private final ModelLearning learning;
    private final FleetSettings settings;
    private final Map<PeerId, ManagedChannel> channels = new HashMap<>();
    private final Set<ActorRef<FleetView>> subscribers = new HashSet<>();
    private final Set<ActorRef<FleetView>> announcers = new HashSet<>();
    private FleetState state = FleetState.empty();

    public static Behavior<Command> create(PeerConnector connector, ModelLearning learning, FleetSettings settings) {
        return Behaviors.setup(context -> new Fleet(context, connector, learning, settings));
    }

    private Fleet(ActorContext<Command> context, PeerConnector connector, ModelLearning learning,
            FleetSettings settings) {
        super(context);
        this.connector = connector;
        this.learning = learning;
        this.settings = settings;
    }

    @Override
    public Behavior<Command> onMessage(Command command) {
        return switch (command) {
            case Subscribe(var subscriber) -> onSubscribe(subscribers, subscriber);
            case Announce(var announcer) -> onSubscribe(announcers, announcer);
            case Look(var replyTo) -> onLook(replyTo);
            case AskFate(var peer, var replyTo) -> onAskFate(peer, replyTo);
            case PeerLost m -> onPeerLost(m);
            case Told(var known) -> onEvent(new FleetEvent.Told(known.nodes()));
            case Happened(var event) -> onEvent(event);
        };
    }

    @Override
    public Behavior<Command> onSignal(Signal signal) {
        if (signal instanceof PostStop) {
            channels.values().forEach(ManagedChannel::shutdownNow);
            state.learnedModels().forEach(LearnedModel::close);
        }
        return this;
    }

    private Behavior<Command> onSubscribe(Set<ActorRef<FleetView>> among, ActorRef<FleetView> subscriber) {
        among.add(subscriber);
        subscriber.tell(state.view(channels));
        return this;
    }

    private Behavior<Command> onLook(ActorRef<FleetView> replyTo) {
        replyTo.tell(state.view(channels));
        return this;
    }

    private Behavior<Command> onAskFate(PeerId peer, ActorRef<PeerFate> replyTo) {
        replyTo.tell(state.fate(peer));
        return this;
    }

    private Behavior<Command> onPeerLost(PeerLost message) {
        LOG.warn("event=node-lost node={} reason={}", message.peer(), LogValue.of(message.why()));
        return onEvent(new FleetEvent.Lost(message.peer()));
    }

    private Behavior<Command> onEvent(FleetEvent event) {
        var transition = state.on(event);
        state = transition.state();
        transition.effects().forEach(this::carryOut);
        var view = state.view(channels);
        subscribers.forEach(subscriber -> subscriber.tell(view));
        announcers.forEach(announcer -> announcer.tell(view));
        return this;
    }

    private void carryOut(FleetEffect effect) {
        switch (effect) {
            case FleetEffect.Connect(var peer, var endpoint) ->
                    channels.put(peer, connector.open(Endpoint.parse(endpoint)));
            case FleetEffect.Disconnect(var peer) -> disconnect(peer);
            case FleetEffect.Describe(var peer) -> describe(peer);
            case FleetEffect.Learn learn -> learn(learn);
        }
    }

    private void disconnect(PeerId peer) {
        var channel = channels.remove(peer);
        if (channel != null)
            channel.shutdown();
    }

    private void describe(PeerId peer) {
        var channel = channels.get(peer);
        if (channel == null)
            return;
        channel.resetConnectBackoff(); // or a node that was out of reach for long is found again only minutes later
        getContext().pipeToSelf(Describing.ask(channel, settings.silentAfter()),
                (description, error) -> new Happened(described(peer, description, error)));
    }

    private static FleetEvent described(PeerId peer, @Nullable NodeDescription description, @Nullable Throwable error) {
        return description == null || error != null
                ? new FleetEvent.NotDescribed(peer)
                : new FleetEvent.Described(peer, description);
    }

    private void learn(FleetEffect.Learn effect) {
        var channel = channels.get(effect.from());
        if (channel == null) {
            getContext().getSelf().tell(new Happened(new FleetEvent.NotFetched(effect.card().getDigest())));
            return;
        }
        getContext().pipeToSelf(learning.learn(channel, effect.card()),
                (model, error) -> new Happened(learned(effect, model, error)));
    }

    private static FleetEvent learned(FleetEffect.Learn effect, @Nullable LearnedModel model,
            @Nullable Throwable error) {
        var name = effect.card().getName();
        if (model != null) {
            LOG.info("event=model-learned model={} digest={} from={}", name, model.digest(), effect.from());
            model.prompts()
                    .templateProblem()
                    .ifPresent(problem -> LOG.warn("event=no-chat-template model={} reason=\"{}\"", name, problem));
            return new FleetEvent.Learned(model);
        }
        var cause = error instanceof CompletionException wrapper && wrapper.getCause() != null
                ? wrapper.getCause()
                : error;
        LOG.warn("event=model-not-learned model={} from={} reason=\"{}\"", name, effect.from(),
                cause == null ? "" : cause.getMessage());
        return cause instanceof ModelLearning.UnusableModel
                ? new FleetEvent.Unusable(effect.card().getDigest())
                : new FleetEvent.NotFetched(effect.card().getDigest());
    }
}
