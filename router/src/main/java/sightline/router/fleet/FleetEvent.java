package sightline.router.fleet;

import java.util.List;
import sightline.runtime.KnownNode;
import sightline.stage.v1.NodeDescription;

/** What the fleet learns about nodes and models. */
sealed interface FleetEvent {
    /** All nodes that the directory knows now. */
    record Told(List<KnownNode> nodes) implements FleetEvent {}

    record Described(PeerId peer, NodeDescription description) implements FleetEvent {}

    /** The node did not describe itself. */
    record NotDescribed(PeerId peer) implements FleetEvent {}

    /** A stream to the node broke, or fell silent. */
    record Lost(PeerId peer) implements FleetEvent {}

    record Learned(LearnedModel model) implements FleetEvent {}

    /** The model's files did not come; another node, or another time, may do better. */
    record NotFetched(String modelDigest) implements FleetEvent {}

    /** This router cannot work with the model's files. */
    record Unusable(String modelDigest) implements FleetEvent {}
}
