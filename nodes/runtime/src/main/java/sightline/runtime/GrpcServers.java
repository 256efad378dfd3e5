package sightline.runtime;

import io.grpc.HandlerRegistry;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import sightline.wire.Endpoint;

/** Opens gRPC ports: one kind for other nodes, one kind for anybody. */
public final class GrpcServers {
    /** Above the projected tokens of the largest picture, which travel in chunks anyway, and any request. */
    public static final int NODE_MESSAGE_BYTES = 64 << 20;

    private GrpcServers() {}

    /**
     * A port between nodes: long streams, early pings and resets are all well, since each cancelled request is a reset.
     *
     * @param later services that are added after the port is open
     * @param setting the setting to name when the port is taken
     */
    static Server openNodePort(Endpoint bind, String setting, List<ServerServiceDefinition> services,
            HandlerRegistry later)
            throws StartFailure {
        var builder = NettyServerBuilder.forAddress(bind.toSocketAddress())
                .maxInboundMessageSize(NODE_MESSAGE_BYTES)
                .permitKeepAliveTime(1, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .keepAliveTime(10, TimeUnit.SECONDS)
                .keepAliveTimeout(10, TimeUnit.SECONDS)
                .fallbackHandlerRegistry(later);
        services.forEach(builder::addService);
        return start(builder, bind, setting);
    }

    /** A port for anybody, within {@code limits}. */
    static Server openPublicPort(Endpoint bind, String setting, PublicLimits limits, PublicServices services)
            throws StartFailure {
        var builder = NettyServerBuilder.forAddress(bind.toSocketAddress())
                .maxConcurrentCallsPerConnection(limits.maxCallsPerConnection())
                .maxInboundMessageSize(limits.maxMessageBytes())
                .maxInboundMetadataSize(limits.maxMetadataBytes())
                .handshakeTimeout(limits.handshakeTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .permitKeepAliveTime(limits.permitKeepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTime(limits.keepAlive().toMillis(), TimeUnit.MILLISECONDS)
                .keepAliveTimeout(limits.keepAliveTimeout().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionIdle(limits.maxConnectionIdle().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAge(limits.maxConnectionAge().toMillis(), TimeUnit.MILLISECONDS)
                .maxConnectionAgeGrace(limits.maxConnectionAgeGrace().toMillis(), TimeUnit.MILLISECONDS)
                .maxRstFramesPerWindow(limits.maxResets(), Math.toIntExact(limits.resetWindow().toSeconds()))
                .addStreamTracerFactory(services.arrivals())
                .intercept(services.door());
        services.services().forEach(builder::addService);
        return start(builder, bind, setting);
    }

    private static Server start(NettyServerBuilder builder, Endpoint bind, String setting) throws StartFailure {
        try {
            return builder.build().start();
        } catch (IOException e) {
            throw Ports.cannotBind(bind, setting, e);
        }
    }
}
