package sightline.router.fleet;

import static java.util.Objects.requireNonNull;

import io.grpc.Channel;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import sightline.runtime.KnownNode;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;

/**
 * Which nodes there are, what is known of each, and which models were learned: a pure value.
 *
 * <p>A node is asked to describe itself when it is new, when its state has changed, when a stream to it broke, and, if it
 * does not answer, at every telling. So one that lives is used again at once, and one that is gone is not, whoever noticed
 * its loss first.
 *
 * @param routers the other front doors and this one; nothing is asked of them
 * @param members workers by the life that they are in
 * @param models what is known of each model, by digest
 */
record FleetState(List<KnownNode> routers, Map<PeerId, Member> members, Map<String, Knowledge> models) {

    sealed interface Knowledge {
        record Learning() implements Knowledge {}

        record Learned(LearnedModel model) implements Knowledge {}

        record Unusable() implements Knowledge {}
    }

    record Transition(FleetState state, List<FleetEffect> effects) {}

    FleetState {
        routers = List.copyOf(routers);
        members = Map.copyOf(members);
        models = Map.copyOf(models);
    }

    static FleetState empty() {
        return new FleetState(List.of(), Map.of(), Map.of());
    }

    Transition on(FleetEvent event) {
        return switch (event) {
            case FleetEvent.Told(var nodes) -> told(nodes);
            case FleetEvent.Described(var peer, var description) -> described(peer, description);
            case FleetEvent.NotDescribed(var peer) -> unchangedBut(contact(peer, new Member.Contact.Lost()));
            case FleetEvent.Lost(var peer) -> lost(peer);
            case FleetEvent.Learned(var model) -> unchangedBut(knows(model.digest(), new Knowledge.Learned(model)));
            case FleetEvent.Unusable(var digest) -> unchangedBut(knows(digest, new Knowledge.Unusable()));
            case FleetEvent.NotFetched(var digest) -> unchangedBut(forgets(digest));
        };
    }

    /** The state as others see it, with the channel of every member. */
    FleetView view(Map<PeerId, ? extends Channel> channels) {
        var nodes = new ArrayList<FleetView.Node>();
        routers.forEach(router -> nodes.add(new FleetView.Node(router, Optional.empty(), isAnswering(router))));
        members.values()
                .forEach(member -> nodes
                        .add(new FleetView.Node(member.known(), member.description(),
                                isAnswering(member.known()) && !member.isLost())));
        nodes.sort(Comparator.comparing(node -> node.known().report().getName()));
        return new FleetView(nodes, workers(channels), learnedModels());
    }

    private List<Worker> workers(Map<PeerId, ? extends Channel> channels) {
        return members.entrySet()
                .stream()
                .filter(member -> member.getValue().isServing())
                .map(member -> worker(member.getKey(), member.getValue(),
                        requireNonNull(channels.get(member.getKey()))))
                .sorted(Comparator.comparing(worker -> worker.id().name()))
                .toList();
    }

    private static Worker worker(PeerId peer, Member member, Channel channel) {
        return new Worker(peer, channel, member.description().orElseThrow(), member.known().report().getLoad(),
                isAnswering(member.known()));
    }

    PeerFate fate(PeerId peer) {
        var member = members.get(peer);
        if (member == null)
            return PeerFate.GONE;
        boolean isBack = member.description().filter(d -> d.getState() != NodeState.NODE_STATE_STARTING).isPresent();
        return isBack ? PeerFate.BACK : PeerFate.MISSING;
    }

    List<LearnedModel> learnedModels() {
        return models.values()
                .stream()
                .flatMap(
                        knowledge -> knowledge instanceof Knowledge.Learned(var model)
                                ? Stream.of(model)
                                : Stream.empty())
                .sorted(Comparator.comparing(LearnedModel::name))
                .toList();
    }

    private static boolean isAnswering(KnownNode node) {
        return node.standing() == KnownNode.Standing.ANSWERING;
    }

    private Transition told(List<KnownNode> nodes) {
        var effects = new ArrayList<FleetEffect>();
        var now = new HashMap<PeerId, Member>();
        for (var node : nodes.stream().filter(node -> node.report().getRole() != Role.ROLE_ROUTER).toList()) {
            var peer = PeerId.of(node.report());
            var before = members.get(peer);
            if (before == null)
                effects.add(new FleetEffect.Connect(peer, node.report().getEndpoint()));
            var member = before == null ? Member.asked(node) : before.told(node);
            boolean ask = before == null || member.isToBeAsked();
            if (ask)
                effects.add(new FleetEffect.Describe(peer));
            now.put(peer, ask ? member.askedAgain() : member);
        }
        members.keySet()
                .stream()
                .filter(peer -> !now.containsKey(peer))
                .forEach(gone -> effects.add(new FleetEffect.Disconnect(gone)));
        var routersNow = nodes.stream().filter(node -> node.report().getRole() == Role.ROLE_ROUTER).toList();
        return new FleetState(routersNow, now, models).learnMissing(effects);
    }

    /** At the endpoint of one that is gone its successor may answer. */
    private Transition described(PeerId peer, NodeDescription description) {
        return description.getIncarnation() == peer.incarnation()
                ? contact(peer, new Member.Contact.Described(description)).learnMissing(List.of())
                : unchangedBut(contact(peer, new Member.Contact.Lost()));
    }

    private Transition lost(PeerId peer) {
        return members.containsKey(peer)
                ? new Transition(contact(peer, new Member.Contact.Asked(Optional.empty())),
                        List.of(new FleetEffect.Describe(peer)))
                : unchangedBut(this);
    }

    /** Every model that a member describes is learned once, from whichever member is first. */
    private Transition learnMissing(List<FleetEffect> before) {
        var effects = new ArrayList<>(before);
        var knowledge = new HashMap<>(models);
        for (var member : members.entrySet()) {
            var described = member.getValue().description();
            if (described.isEmpty() || !described.get().hasModel())
                continue;
            var card = described.get().getModel();
            if (knowledge.putIfAbsent(card.getDigest(), new Knowledge.Learning()) == null)
                effects.add(new FleetEffect.Learn(member.getKey(), card));
        }
        return new Transition(new FleetState(routers, members, knowledge), effects);
    }

    private FleetState contact(PeerId peer, Member.Contact contact) {
        var member = members.get(peer);
        if (member == null)
            return this; // it has left since
        var changed = new HashMap<>(members);
        changed.put(peer, member.with(contact));
        return new FleetState(routers, changed, models);
    }

    private FleetState knows(String modelDigest, Knowledge knowledge) {
        var changed = new HashMap<>(models);
        changed.put(modelDigest, knowledge);
        return new FleetState(routers, members, changed);
    }

    private FleetState forgets(String modelDigest) {
        var changed = new HashMap<>(models);
        changed.remove(modelDigest);
        return new FleetState(routers, members, changed);
    }

    private static Transition unchangedBut(FleetState state) {
        return new Transition(state, List.of());
    }
}
