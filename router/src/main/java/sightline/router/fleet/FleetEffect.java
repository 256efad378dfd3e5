package sightline.router.fleet;

import sightline.stage.v1.ServedModel;

/** What the fleet has decided to do. */
sealed interface FleetEffect {
    record Connect(PeerId peer, String endpoint) implements FleetEffect {}

    /** No new calls to the node; those that run may end. */
    record Disconnect(PeerId peer) implements FleetEffect {}

    record Describe(PeerId peer) implements FleetEffect {}

    /** Fetch the model's files from the node and read them. */
    record Learn(PeerId from, ServedModel card) implements FleetEffect {}
}
