package sightline.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sightline.runtime.ExitCode;
import sightline.runtime.ModelSettings;
import sightline.runtime.NodeChannels;
import sightline.runtime.NodeProcess;
import sightline.runtime.NodeSettings;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.stage.v1.DescribeRequest;
import sightline.stage.v1.EncodeBatch;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeGrpc;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.Role;
import sightline.stage.v1.Ticket;
import sightline.stage.v1.VisionCommand;
import sightline.wire.BrokenTensor;
import sightline.wire.ElementType;
import sightline.wire.ImageKey;
import sightline.wire.Sha256;
import sightline.wire.TensorAssembler;
import sightline.wire.TensorSpec;

/** A whole vision node with its ports: from a picture file to bytes that equal the reference. */
@TestInstance(Lifecycle.PER_CLASS)
@Timeout(value = 90, unit = TimeUnit.SECONDS)
class VisionNodeTest {
    private static final double TOLERANCE = 1e-4;

    private final Golden golden = Golden.open(Golden.root().resolve("gemma-mqa"), "golden");
    private final NodeProcess process = start(golden.checkpoint());
    private final ManagedChannel channel = NodeChannels.open(process.endpoint());
    private NodeDescription description = NodeDescription.getDefaultInstance();

    @BeforeAll
    void describe() {
        description = NodeGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance());
    }

    @AfterAll
    void stop() throws InterruptedException {
        channel.shutdownNow();
        channel.awaitTermination(10, TimeUnit.SECONDS);
        process.close();
    }

    @Test
    void itDescribesItselfOnceItIsWarm() {
        assertThat(description.getRole()).isEqualTo(Role.ROLE_VISION);
        assertThat(description.getState()).isEqualTo(NodeState.NODE_STATE_SERVING);
        assertThat(description.getDtype()).isEqualTo("float32");
        assertThat(description.getFingerprint()).hasSize(64);
        assertThat(description.getModel().getTokensPerImage()).isEqualTo((int) golden.shape("image_0.projected")[0]);
        assertThat(description.getLoad().getStoreBytesTotal()).isEqualTo(256L << 20);
    }

    @Test
    void everyGoldenPictureComesOutAsTheReference() throws InterruptedException, BrokenTensor {
        var router = new RouterStream(channel);
        for (int i = 0; i < golden.images().size(); i++) {
            router.send(encode(i, golden.file(golden.images().get(i))));
            var encoded = router.encoded();
            assertThat(encoded.getTicket().getVisionFingerprint()).isEqualTo(description.getFingerprint());
            assertThat(encoded.getPreprocessUs()).isPositive();
            assertThat(encoded.getEncodeUs()).isPositive();

            float[] projected = fetch(encoded.getTicket());

            double allowed = golden.images().get(i).endsWith(".jpg") ? 1e-2 : TOLERANCE; // decoders may differ
            assertThat(Golden.relativeDifference(projected, golden.floats("image_" + i + ".projected")))
                    .as(golden.images().get(i))
                    .isLessThan(allowed);
            router.release(i);
        }
        router.complete();
        assertThat(router.ended.orTimeout(20, TimeUnit.SECONDS).join()).isEmpty();
    }

    @Test
    void theSecondTimeAPictureComesFromTheStore() throws InterruptedException {
        var router = new RouterStream(channel);
        byte[] picture = Pictures.png(0x123456);
        router.send(encode(1, picture));
        var first = router.encoded();
        router.release(1);
        router.send(encode(2, picture));
        var second = router.encoded();

        assertThat(second.getFromStore()).isTrue();
        assertThat(second.getTicket()).isEqualTo(first.getTicket());
        router.breakOff();
    }

    @Test
    void metricsCarryTheNamesOfTheContract() throws IOException, InterruptedException {
        var response = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://" + description.getMetrics() + "/metrics")).build(),
                        HttpResponse.BodyHandlers.ofString());

        assertThat(response.body()).contains("sightline_preprocess_seconds_count", "sightline_preprocess_waiting ",
                "sightline_encode_seconds_count", "sightline_encode_batch_images_count", "sightline_store_bytes ",
                "sightline_store_lookups_total{result=\"hit\"", "sightline_projected_bytes_total{path=\"relay\"",
                "sightline_native_bytes", "fingerprint=\"" + description.getFingerprint() + "\"");
    }

    @Test
    void aModelDirectoryThatIsWrongFailsTheStart(@TempDir Path empty) {
        assertFails(empty, ExitCode.MODEL, "config.json");
    }

    private void assertFails(Path directory, ExitCode exit, String text) {
        assertThatThrownBy(() -> node(directory, Map.of()).start(process)).asInstanceOf(type(StartFailure.class))
                .satisfies(failure -> {
                    assertThat(failure.exitCode()).isEqualTo(exit);
                    assertThat(failure).hasMessageContaining(text);
                });
    }

    private VisionCommand encode(long number, byte[] picture) {
        var key = ImageKey.of(Sha256.of(picture), new Sha256(description.getModel().getPreprocessingDigest()),
                new Sha256(description.getModel().getDigest()));
        return VisionCommand.newBuilder()
                .setEncode(EncodeBatch.newBuilder()
                        .addItems(EncodeItem.newBuilder()
                                .setItem(number)
                                .setEncoded(ByteString.copyFrom(picture))
                                .setImageKey(key.byteString())
                                .setModelDigest(description.getModel().getDigest())
                                .setRemainingMillis(60_000)))
                .build();
    }

    private float[] fetch(Ticket ticket) throws BrokenTensor {
        var sha256 = Sha256.fromBytes(ticket.getSha256());
        var spec = new TensorSpec(ticket.getShapeList(), ElementType.parse(ticket.getDtype()),
                new Sha256(ticket.getModelDigest()));
        var assembler = new TensorAssembler(spec, sha256);
        var chunks = ProjectionGrpc.newBlockingStub(channel)
                .fetch(FetchRequest.newBuilder()
                        .setImageKey(ticket.getImageKey())
                        .setSha256(ticket.getSha256())
                        .setModelDigest(ticket.getModelDigest())
                        .build());
        while (chunks.hasNext()) {
            assembler.accept(chunks.next().toByteString().newInput());
        }
        ByteBuffer bytes = assembler.finish().order(ByteOrder.LITTLE_ENDIAN);
        float[] floats = new float[bytes.remaining() / 4];
        bytes.asFloatBuffer().get(floats);
        return floats;
    }

    private static NodeProcess start(Path checkpoint) {
        try {
            var settings = Settings.load(Optional.empty(), Map.of("cluster.exit-when-removed", "false"));
            var process = NodeProcess.start(Settings.read(settings, NodeSettings::from), Role.ROLE_VISION, Set.of());
            node(checkpoint, Map.of("vision.threads", "2")).start(process);
            return process;
        } catch (StartFailure e) {
            throw new AssertionError(e);
        }
    }

    private static VisionNode node(Path checkpoint, Map<String, String> overrides) throws StartFailure {
        var all = new HashMap<>(overrides);
        all.put("model.dir", checkpoint.toString());
        all.put("model.dtype", "float32");
        var settings = Settings.load(Optional.empty(), all);
        return new VisionNode(Settings.read(settings, VisionSettings::from),
                Settings.read(settings, ModelSettings::from), Settings.read(settings, NodeSettings::from).faultHooks());
    }
}
