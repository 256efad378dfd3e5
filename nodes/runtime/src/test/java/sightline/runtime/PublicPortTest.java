package sightline.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.stub.MetadataUtils;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.wire.Endpoint;
import sightline.wire.StatusMapping;

/** Each limit of a port for anybody, hit. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class PublicPortTest {
    private static final PublicLimits TIGHT = new PublicLimits(2, 1000, 2000, Duration.ofMillis(200),
            Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofSeconds(10), Duration.ofMinutes(5),
            Duration.ofMinutes(30), Duration.ofMinutes(5), 10, Duration.ofSeconds(30));

    private final HeldCalls held = new HeldCalls();
    private final Server server = open();
    private final ManagedChannel channel = NodeChannels.open(new Endpoint("127.0.0.1", server.getPort()));

    private Server open() {
        try {
            return GrpcServers.openPublicPort(new Endpoint("127.0.0.1", 0), "router.port", TIGHT,
                    OpenDoor.to(held.bindService()));
        } catch (StartFailure e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void close() {
        channel.shutdownNow();
        server.shutdownNow();
    }

    private static void assertEndedWith(HeldCalls.Client call, String status) {
        assertThatThrownBy(call.ended::get)
                .satisfies(e -> assertThat(StatusMapping.read(e).orElseThrow().status()).isEqualTo(status));
    }

    @Test
    void messageOverTheLimitIsRefused() {
        var large = FetchRequest.newBuilder().setSha256(ByteString.copyFrom(new byte[1001])).build();

        assertEndedWith(HeldCalls.Client.call(channel, large), "RESOURCE_EXHAUSTED");
    }

    @Test
    void metadataOverTheLimitIsRefused() {
        var metadata = new Metadata();
        metadata.put(Metadata.Key.of("large", Metadata.ASCII_STRING_MARSHALLER), "x".repeat(3000));
        var stub = ProjectionGrpc.newBlockingStub(channel)
                .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(metadata));

        assertThatThrownBy(() -> stub.fetch(FetchRequest.getDefaultInstance()).hasNext())
                .satisfies(e -> assertThat(StatusMapping.read(e).orElseThrow().reason()).isEmpty());
    }

    @Test
    void callsOverTheLimitWaitForAPlace() throws Exception {
        for (int i = 0; i < 3; i++)
            HeldCalls.Client.call(channel, FetchRequest.getDefaultInstance());
        var first = held.next();
        held.next();
        assertThat(held.isIdle()).isTrue();
        first.onCompleted();
        held.next().onCompleted();
    }

    @Test
    void connectionThatResetsTooOftenIsClosed() throws Exception {
        var victim = HeldCalls.Client.call(channel, FetchRequest.getDefaultInstance());
        held.next();
        int resets = 0;
        while (!victim.ended.isDone()) {
            var call = HeldCalls.Client.call(channel, FetchRequest.getDefaultInstance());
            resets += held.arrivesSoon() ? 1 : 0;
            call.cancel();
        }

        assertThat(victim.ended).isCompletedExceptionally();
        // gRPC 1.83.1 counts two frames for each call that its client cancels: the client's and its own.
        assertThat(resets).isBetween(TIGHT.maxResets() / 2 - 2, TIGHT.maxResets() + 1);
    }

    @Test
    void connectionThatSaysNothingIsClosed() throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort())) {
            var in = socket.getInputStream();
            in.transferTo(java.io.OutputStream.nullOutputStream()); // returns once the server has closed
            assertThat(in.read()).isEqualTo(-1);
        }
    }
}
