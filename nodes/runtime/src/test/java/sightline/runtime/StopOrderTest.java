package sightline.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.Done;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.stage.v1.DescribeRequest;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.NodeGrpc;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.wire.StatusMapping;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class StopOrderTest {
    private final HeldCalls held = new HeldCalls();
    private final List<String> order = new CopyOnWriteArrayList<>();

    private NodeProcess serving(Map<String, String> settings) {
        var process = NodeProcessTest.start(settings, Role.ROLE_LANGUAGE);
        process.serve(held);
        process.onStop("free", () -> {
            order.add("freed");
            return CompletableFuture.completedFuture(Done.getInstance());
        });
        process.ready();
        return process;
    }

    @Test
    void stoppingProcessSaysSoAndLetsTheRunningCallEnd() throws Exception {
        var process = serving(Map.of());
        var channel = NodeChannels.open(process.endpoint());
        var client = HeldCalls.Client.call(channel, FetchRequest.getDefaultInstance());
        var server = held.next();
        var draining = new CompletableFuture<NodeState>();
        process.onDrain("seen", () -> {
            var seen = NodeGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance()).getState();
            draining.complete(seen);
            return CompletableFuture.completedStage(Done.getInstance());
        });
        try {
            var closed = CompletableFuture.runAsync(process::close);
            assertThat(draining.get()).isEqualTo(NodeState.NODE_STATE_DRAINING);
            assertThat(client.ended).isNotDone();
            server.onCompleted();
            order.add("call ended");
            assertThat(client.ended.get()).isTrue();
            closed.get();
            assertThat(order).containsExactly("call ended", "freed");
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void callThatNeverEndsIsCutAfterTheDrainTimeout() throws Exception {
        var process = serving(Map.of("grpc.drain-timeout", "200ms"));
        var channel = NodeChannels.open(process.endpoint());
        var client = HeldCalls.Client.call(channel, FetchRequest.getDefaultInstance());
        held.next();
        try {
            assertThat(HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()).getStatus())
                    .isEqualTo(ServingStatus.SERVING);
            process.close();
            assertThatThrownBy(client.ended::get).satisfies(
                    e -> assertThat(StatusMapping.read(e).orElseThrow().isConnectionLost()).isTrue());
            assertThat(order).containsExactly("freed");
        } finally {
            channel.shutdownNow();
        }
    }
}
