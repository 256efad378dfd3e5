package sightline.router.fleet;

import io.grpc.ManagedChannel;
import sightline.wire.Endpoint;

/** Opens a channel to a node; whoever asked for it shuts it down. */
@FunctionalInterface
public interface PeerConnector {
    ManagedChannel open(Endpoint endpoint);
}
