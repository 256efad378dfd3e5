package sightline.router.fleet;

import io.grpc.Channel;
import io.grpc.inprocess.InProcessChannelBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import sightline.runtime.KnownNode;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.ServedModel;

/** The actor {@link Fleet} without Pekko: the real {@link FleetState}, with its effects carried out in a simulated router. */
public final class SimulatedFleet {

    /** The router around it. */
    public interface Surroundings {
        void describe(PeerId peer, Consumer<Optional<NodeDescription>> then);

        void learn(PeerId from, ServedModel card, Consumer<Optional<LearnedModel>> then);

        /** Tells all that asked to be told. */
        void tell(FleetView view);
    }

    /** Nobody calls through it: a worker is known by its id. */
    private static final Channel NOWHERE = InProcessChannelBuilder.forName("nowhere").build();

    private final Surroundings around;
    private final Map<PeerId, Channel> channels = new HashMap<>();
    private FleetState state = FleetState.empty();

    public SimulatedFleet(Surroundings around) {
        this.around = around;
    }

    public void told(List<KnownNode> nodes) {
        on(new FleetEvent.Told(nodes));
    }

    public void lost(PeerId peer) {
        on(new FleetEvent.Lost(peer));
    }

    public PeerFate fate(PeerId peer) {
        return state.fate(peer);
    }

    private void on(FleetEvent event) {
        var transition = state.on(event);
        state = transition.state();
        transition.effects().forEach(this::carryOut);
        around.tell(state.view(channels));
    }

    private void carryOut(FleetEffect effect) {
        switch (effect) {
            case FleetEffect.Connect(var peer, var _) -> channels.put(peer, NOWHERE);
            case FleetEffect.Disconnect(var peer) -> channels.remove(peer);
            case FleetEffect.Describe(var peer) -> around.describe(peer,
                    said -> on(said.<FleetEvent>map(words -> new FleetEvent.Described(peer, words))
                            .orElseGet(() -> new FleetEvent.NotDescribed(peer))));
            case FleetEffect.Learn(var from, var card) -> around.learn(from, card,
                    model -> on(model.<FleetEvent>map(FleetEvent.Learned::new)
                            .orElseGet(() -> new FleetEvent.NotFetched(card.getDigest()))));
        }
    }
}
