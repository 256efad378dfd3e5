package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.router.request.Requests;
import sightline.runtime.ExitCode;
import sightline.runtime.NodeProcess;
import sightline.runtime.NodeSettings;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.stage.v1.DescribeRequest;
import sightline.stage.v1.NodeGrpc;
import sightline.stage.v1.Role;
import sightline.v1.GetClusterRequest;
import sightline.v1.InferenceGrpc;
import sightline.v1.ListModelsRequest;
import sightline.wire.Endpoint;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/** A router as a process has it: real ports, a cluster of its own, and nobody who serves a model. */
@Timeout(60)
class RouterNodeTest {
    private static final Map<String, String> ANY_PORT = Map.of("router.port", "0", "cluster.exit-when-removed",
            "false", "router.message-timeout", "2s");

    private static NodeProcess process;
    private static Endpoint publicPort;
    private static ManagedChannel channel;

    @BeforeAll
    static void start() throws StartFailure {
        var settings = Settings.load(Optional.empty(), ANY_PORT);
        process = NodeProcess.start(NodeSettings.from(settings), Role.ROLE_ROUTER, Set.of(InferenceGrpc.SERVICE_NAME));
        new RouterNode(RouterSettings.from(settings)).start(process);
        var nodePort = channel(process.endpoint());
        publicPort = Endpoint.parse(
                NodeGrpc.newBlockingStub(nodePort).describe(DescribeRequest.getDefaultInstance()).getEndpoint());
        nodePort.shutdownNow();
        channel = channel(publicPort);
    }

    @AfterAll
    static void stop() {
        channel.shutdownNow();
        process.close();
    }

    @Test
    void doesNotServeWithoutALanguageReplica() {
        for (var service : List.of("", InferenceGrpc.SERVICE_NAME))
            assertThat(HealthGrpc.newBlockingStub(channel)
                    .check(HealthCheckRequest.newBuilder().setService(service).build())
                    .getStatus())
                    .isEqualTo(ServingStatus.NOT_SERVING);
        var stub = InferenceGrpc.newBlockingStub(channel);
        assertThat(stub.listModels(ListModelsRequest.getDefaultInstance()).getModelsList()).isEmpty();
    }

    @Test
    void aRequestFindsNoReplica() throws Exception {
        for (var model : List.of("", "demo")) {
            var request = Requests.question("?").setModel(model);
            for (var stub : List.of(InferenceGrpc.newStub(channel),
                    InferenceGrpc.newStub(channel).withCompression("gzip"))) {
                var received = Call.start(stub, request).failure();
                assertThat(received.status()).isEqualTo("UNAVAILABLE");
                assertThat(received.reason()).hasValue("NO_REPLICA");
            }
        }
    }

    @Test
    void tellsOfItself() throws InterruptedException {
        var stub = InferenceGrpc.newBlockingStub(channel);
        var nodes = stub.getCluster(GetClusterRequest.getDefaultInstance()).getNodesList();
        while (nodes.isEmpty())
            nodes = stub.getCluster(GetClusterRequest.getDefaultInstance()).getNodesList();
        assertThat(nodes).hasSize(1).first().satisfies(node -> {
            assertThat(node.getRole()).isEqualTo("router");
            assertThat(node.getEndpoint()).isEqualTo(publicPort.toString());
            assertThat(node.getState()).isEqualTo("SERVING");
        });
    }

    @Test
    void aMessageOverTheLimitIsRefusedByGrpcItself() throws Exception {
        var huge = Requests.prompt("<image>", ByteString.copyFrom(new byte[45 << 20]));
        var received = Call.start(InferenceGrpc.newStub(channel), huge).failure();
        assertThat(received.status()).isEqualTo("RESOURCE_EXHAUSTED");
        assertThat(received.reason()).isEmpty();
    }

    @Test
    void aMessageThatUnpacksBeyondTheLimitIsRefusedToo() throws Exception {
        var bomb = Requests.prompt("<image>", ByteString.copyFrom(new byte[100 << 20]));
        var received = Call.start(InferenceGrpc.newStub(channel).withCompression("gzip"), bomb).failure();
        assertThat(received.status()).isEqualTo("RESOURCE_EXHAUSTED");
    }

    @Test
    void aCallWhoseMessageNeverComesIsEnded() throws Exception {
        var ended = new CompletableFuture<Received>();
        // As a stream of requests: of a call with a single one gRPC sends nothing before the request is there.
        var method = InferenceGrpc.getGenerateMethod().toBuilder().setType(MethodType.BIDI_STREAMING).build();
        var call = channel.newCall(method, CallOptions.DEFAULT);
        call.start(new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
                ended.complete(StatusMapping.read(status.asRuntimeException(trailers)).orElseThrow());
            }
        }, new Metadata());
        call.request(1);
        var received = ended.get(20, TimeUnit.SECONDS);
        assertThat(received.status()).isEqualTo("DEADLINE_EXCEEDED");
        assertThat(received.reason()).hasValue("DEADLINE");
        assertThat(received.message()).contains("not whole after 2 s (expected: ");
    }

    @Test
    void canBeCalledByReflectionAlone() throws Exception {
        var listed = reflect(ServerReflectionRequest.newBuilder().setListServices("*"));
        assertThat(listed.getListServicesResponse().getServiceList()).extracting(service -> service.getName())
                .contains(InferenceGrpc.SERVICE_NAME, "grpc.health.v1.Health",
                        "grpc.reflection.v1alpha.ServerReflection");
        var described = reflect(ServerReflectionRequest.newBuilder()
                .setFileContainingSymbol(InferenceGrpc.SERVICE_NAME + ".Generate"));
        assertThat(messages(described.getFileDescriptorResponse().getFileDescriptorProto(0)))
                .contains("GenerateRequest", "GenerateResponse");
    }

    @Test
    void aPortInUseEndsTheStart() throws StartFailure {
        var taken = Settings.load(Optional.empty(),
                Map.of("router.port", Integer.toString(publicPort.port()), "cluster.exit-when-removed", "false"));
        try (var second = NodeProcess.start(NodeSettings.from(taken), Role.ROLE_ROUTER, Set.of())) {
            assertThatThrownBy(() -> new RouterNode(RouterSettings.from(taken)).start(second))
                    .isInstanceOfSatisfying(StartFailure.class, e -> assertThat(e.exitCode()).isEqualTo(ExitCode.PORT))
                    .hasMessageContaining("router.port");
        }
    }

    @Test
    void settingsThatContradictEachOtherAreRefused() throws StartFailure {
        for (var wrong : List.of(Map.of("router.default-deadline", "1h"), Map.of("router.prompt-threads", "0"),
                Map.of("router.pictures-in-flight", "3"), Map.of("router.beat-interval", "3s"),
                Map.of("router.token-credit", "0"), Map.of("router.wait-for-replica", "-1s"),
                Map.of("router.slow-client-after", "0s"), Map.of("router.stalled-after", "0s"),
                Map.of("router.max-sessions", "0"), Map.of("router.message-timeout", "0s"),
                Map.of("router.limits.text-size", "0"))) {
            var settings = Settings.load(Optional.empty(), wrong);
            assertThatThrownBy(() -> Settings.read(settings, RouterSettings::from)).isInstanceOf(StartFailure.class)
                    .hasMessageContaining("(expected: ");
        }
    }

    private static ManagedChannel channel(Endpoint endpoint) {
        return NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port()).usePlaintext().build();
    }

    private static List<String> messages(ByteString file) throws InvalidProtocolBufferException {
        return FileDescriptorProto.parseFrom(file).getMessageTypeList().stream().map(type -> type.getName()).toList();
    }

    private static ServerReflectionResponse reflect(ServerReflectionRequest.Builder request) throws Exception {
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
            public void onCompleted() {
                answer.completeExceptionally(new AssertionError("no answer"));
            }
        });
        requests.onNext(request.build());
        var response = answer.get(10, TimeUnit.SECONDS);
        requests.onCompleted();
        return response;
    }
}
