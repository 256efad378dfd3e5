package sightline.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.model.SmallFiles;
import sightline.stage.v1.DescribeRequest;
import sightline.stage.v1.Load;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeGrpc;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.stage.v1.ServedModel;
import sightline.wire.Endpoint;
import sightline.wire.StatusMapping;

/** One process with all its ports, asked over real sockets. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class NodeProcessTest {
    private static final String DIGEST = "ab".repeat(32);
    private static final SmallFiles FILES = files();

    private NodeProcess process = start(Map.of("node.name", "vision-7"), Role.ROLE_VISION);
    private ManagedChannel channel = NodeChannels.open(process.endpoint());

    @Test
    void anActorThatThrowsIsStoppedAndNotStartedAnew() throws Exception {
        var starts = new AtomicInteger();
        var stopped = new CompletableFuture<Integer>();
        var actor = process.<String>spawn(Behaviors.setup(_ -> {
            starts.incrementAndGet();
            return Behaviors.receive(String.class).onAnyMessage(message -> {
                throw new IllegalStateException(message);
            }).onSignal(PostStop.class, _ -> {
                stopped.complete(starts.get());
                return Behaviors.same();
            }).build();
        }), "throws", Props.empty());
        actor.tell("on purpose");
        assertThat(stopped.get(20, TimeUnit.SECONDS)).isEqualTo(1);
    }

    static NodeProcess start(Map<String, String> overrides, Role role) {
        try {
            return startChecked(overrides, role);
        } catch (StartFailure e) {
            throw new AssertionError(e);
        }
    }

    private static NodeProcess startChecked(Map<String, String> overrides, Role role) throws StartFailure {
        var all = new HashMap<>(overrides);
        all.putIfAbsent("cluster.exit-when-removed", "false");
        return NodeProcess.start(Settings.read(Settings.load(Optional.empty(), all), NodeSettings::from), role,
                Set.of());
    }

    private static SmallFiles files() {
        var large = new byte[3_000_001];
        new Random(1).nextBytes(large);
        return SmallFiles.of(Map.of("config.json", "{}".getBytes(StandardCharsets.UTF_8), "tokenizer.json", large,
                "empty.json", new byte[0]));
    }

    @BeforeAll
    void serve() {
        assertThat(describe().getState()).isEqualTo(NodeState.NODE_STATE_STARTING);
        assertThat(health()).isEqualTo(ServingStatus.NOT_SERVING);
        var model = ServedModel.newBuilder().setName("tiny").setDigest(DIGEST).build();
        process.serves(new ServedNode(model, FILES, "cpu", "float32", Optional.of("f00d"), 64));
        process.load(() -> Load.newBuilder().setRunning(3).build());
        process.metrics().nativeBytes(() -> 12_345);
        process.ready();
    }

    @AfterAll
    void stop() {
        channel.shutdownNow();
        process.close();
    }

    private NodeDescription describe() {
        return NodeGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance());
    }

    private ServingStatus health() {
        return HealthGrpc.newBlockingStub(channel).check(HealthCheckRequest.getDefaultInstance()).getStatus();
    }

    @Test
    void describesItselfWholly() {
        var description = describe();

        assertThat(description.getName()).isEqualTo("vision-7");
        assertThat(description.getRole()).isEqualTo(Role.ROLE_VISION);
        assertThat(Endpoint.parse(description.getEndpoint())).isEqualTo(process.endpoint());
        assertThat(description.getState()).isEqualTo(NodeState.NODE_STATE_SERVING);
        assertThat(description.getModel().getDigest()).isEqualTo(DIGEST);
        assertThat(description.getFingerprint()).isEqualTo("f00d");
        assertThat(description.getLoad().getRunning()).isEqualTo(3);
        assertThat(health()).isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void handsOutModelFilesByteForByte() throws Exception {
        var read = ModelFilesReader.fetch(channel, DIGEST).toCompletableFuture().get();

        assertThat(read.names()).isEqualTo(FILES.names());
        for (String name : FILES.names())
            assertThat(read.content(name)).isEqualTo(FILES.content(name));
    }

    @Test
    void refusesFilesOfAnotherModel() {
        var read = ModelFilesReader.fetch(channel, "00".repeat(32)).toCompletableFuture();

        assertThatThrownBy(read::get)
                .satisfies(e -> assertThat(StatusMapping.read(e).orElseThrow().reason()).contains("WRONG_MODEL"));
    }

    @Test
    void showsMetricsOverHttp() throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var uri = URI.create("http://" + describe().getMetrics() + "/metrics");
            var text = http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString()).body();
            assertThat(text).contains("sightline_native_bytes 12345.0", "jvm_memory_bytes_used", "process_cpu_seconds")
                    .containsPattern("sightline_build_info\\{version=\"\\d[^\"]*\",fingerprint=\"f00d\",} 1.0");
        }
    }

    @Test
    void reflectionListsTheServices() throws Exception {
        var answer = new CompletableFuture<ServerReflectionResponse>();
        var requests = ServerReflectionGrpc.newStub(channel).serverReflectionInfo(new StreamObserver<>() {
            @Override
            public void onNext(ServerReflectionResponse response) {
                answer.complete(response);
            }

            @Override
            public void onError(Throwable error) {
                answer.completeExceptionally(error);
            }

            @Override
            public void onCompleted() {}
        });
        requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());

        assertThat(answer.get().getListServicesResponse().getServiceList()).extracting(s -> s.getName())
                .contains("sightline.stage.v1.Node", "grpc.health.v1.Health");
        requests.onCompleted();
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc.port", "metrics.port", "cluster.port"})
    void portInUseIsToldByNumberAndSetting(String setting) throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var port = Integer.toString(taken.getLocalPort());

            assertThatThrownBy(() -> startChecked(Map.of(setting, port), Role.ROLE_VISION))
                    .asInstanceOf(type(StartFailure.class))
                    .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.PORT))
                    .satisfies(e -> assertThat(e).hasMessageContaining("127.0.0.1:" + port)
                            .hasMessageContaining("setting " + setting));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"grpc.host", "metrics.host", "cluster.host"})
    void hostOfAnotherMachineIsTold(String setting) {
        assertThatThrownBy(() -> startChecked(Map.of(setting, "192.0.2.1"), Role.ROLE_VISION)) // TEST-NET-1
                .asInstanceOf(type(StartFailure.class))
                .satisfies(e -> assertThat(e.exitCode()).isEqualTo(ExitCode.PORT))
                .satisfies(
                        e -> assertThat(e).hasMessageContaining("192.0.2.1").hasMessageContaining("cannot be bound"));
    }

    @Test
    void publicPortHasLimitsHealthAndReflection() throws Exception {
        var router = start(Map.of(), Role.ROLE_ROUTER);
        try {
            var listener = new NodeSettings.Listener(new Endpoint("127.0.0.1", 0), Optional.empty(), Optional.empty());
            var endpoint = router.openPublic(listener, "router.port", PublicLimits.standard(Duration.ofMinutes(5)),
                    OpenDoor.to());
            assertThat(router).asString().contains("grpc=" + endpoint + " ");
            assertThat(router.endpoint()).isNotEqualTo(endpoint);
            var open = NodeChannels.open(endpoint);
            router.ready();
            assertThat(HealthGrpc.newBlockingStub(open).check(HealthCheckRequest.getDefaultInstance()).getStatus())
                    .isEqualTo(ServingStatus.NOT_SERVING); // a router's health is the router's to say
            router.health().serving(true);
            assertThat(HealthGrpc.newBlockingStub(open).check(HealthCheckRequest.getDefaultInstance()).getStatus())
                    .isEqualTo(ServingStatus.SERVING);
            open.shutdownNow();
        } finally {
            router.close();
        }
    }
}
