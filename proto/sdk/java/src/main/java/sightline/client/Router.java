package sightline.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.stub.MetadataUtils;
import java.util.concurrent.TimeUnit;
import sightline.v1.InferenceGrpc;
import sightline.wire.Endpoint;
import sightline.wire.Tenants;

/** One router and the connection to it, which is made when it is first needed, and again whenever it is lost. */
final class Router {
    private static final int CONNECT_MILLIS = 5_000;
    private static final int KEEP_ALIVE_SECONDS = 40; // more often than every 30 s, a router closes the connection
    private static final int KEEP_ALIVE_TIMEOUT_SECONDS = 10;

    private final Endpoint endpoint;
    private final ManagedChannel channel;

    Router(Endpoint endpoint, String tenant) {
        var headers = new Metadata();
        headers.put(Tenants.KEY, tenant);
        this.endpoint = endpoint;
        this.channel = NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
                .usePlaintext()
                .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                .keepAliveTime(KEEP_ALIVE_SECONDS, TimeUnit.SECONDS)
                .keepAliveTimeout(KEEP_ALIVE_TIMEOUT_SECONDS, TimeUnit.SECONDS)
                .intercept(MetadataUtils.newAttachHeadersInterceptor(headers))
                .disableRetry() // RetryRule says when
                .build();
    }

    Endpoint endpoint() {
        return endpoint;
    }

    /** For one call, which fails at once where the router cannot be reached now. */
    InferenceGrpc.InferenceBlockingStub stub() {
        // A channel that failed would refuse calls for longer and longer, whether or not the router is back.
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE)
            channel.enterIdle();
        return InferenceGrpc.newBlockingStub(channel);
    }

    /** Running calls break. */
    void close() {
        channel.shutdownNow();
    }
}
