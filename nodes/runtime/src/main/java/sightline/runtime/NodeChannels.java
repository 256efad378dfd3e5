package sightline.runtime;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.concurrent.TimeUnit;
import sightline.wire.Endpoint;

/**
 * Opens channels from node to node: plaintext, large messages, dead peers noticed by pings while calls run.
 *
 * <p>A channel that lost its peer waits longer and longer before it tries again: open a new one for a node's new
 * incarnation. The caller shuts the channel down.
 */
public final class NodeChannels {
    private NodeChannels() {}

    /** For callers that take their time with what comes. */
    public static ManagedChannel open(Endpoint endpoint) {
        return builder(endpoint).build();
    }

    /**
     * For callers that only pass on what comes, such as to an actor: they are called on the network's own threads, which
     * saves every message the way to another one.
     */
    public static ManagedChannel openForPassingOn(Endpoint endpoint) {
        return builder(endpoint).directExecutor().build();
    }

    private static NettyChannelBuilder builder(Endpoint endpoint) {
        return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
                .usePlaintext()
                .maxInboundMessageSize(GrpcServers.NODE_MESSAGE_BYTES)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(5, TimeUnit.SECONDS)
                .disableRetry();
    }
}
