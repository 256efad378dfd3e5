package sightline.language;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import sightline.runtime.ExitCode;
import sightline.runtime.ModelSettings;
import sightline.runtime.NodeChannels;
import sightline.runtime.NodeProcess;
import sightline.runtime.NodeSettings;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.stage.v1.DescribeRequest;
import sightline.stage.v1.LanguageGrpc;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeGrpc;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;
import sightline.wire.Sha256;

/** A whole language node with its ports, in this process. */
class LanguageNodeTest {
    private static final String CHECKPOINT = System.getProperty("sightline.golden") + "/gemma-mqa/checkpoint";

    @Test
    void loadsServesAndStopsCleanly() throws Exception {
        var process = start(Map.of("model.dir", CHECKPOINT, "model.dtype", "float32", "model.strict", "required"));
        var channel = NodeChannels.open(process.endpoint());
        try {
            var description = NodeGrpc.newBlockingStub(channel).describe(DescribeRequest.getDefaultInstance());
            assertThat(description.getState()).isEqualTo(NodeState.NODE_STATE_SERVING);
            assertThat(description.getDtype()).isEqualTo("float32");
            assertThat(description.getFingerprint()).hasSize(64);
            assertThat(description.getLoad().getKvBlocksTotal()).isPositive();
            requireAnswer(LanguageGrpc.newStub(channel), description);
            assertThat(metrics(description)).contains("sightline_step_seconds_count{kind=\"decode\",} 4.0",
                    "sightline_kv_blocks_used 0.0", "fingerprint=\"" + description.getFingerprint());
        } finally {
            channel.shutdownNow();
            process.close();
        }
        assertThat(process.whenStopped().toCompletableFuture()).succeedsWithin(Duration.ofSeconds(1));
    }

    @Test
    void aDirectoryWithoutAModelEndsTheStart() {
        requireStartFailure(Map.of("model.dir", "/nowhere"), ExitCode.MODEL, "/nowhere");
    }

    @Test
    void settingsThatCannotBeMetEndTheStart() {
        requireStartFailure(Map.of("model.dir", CHECKPOINT, "model.dtype", "float16"), ExitCode.USAGE, "model.dtype");
        requireStartFailure(Map.of("model.dir", CHECKPOINT, "model.device", "tpu"), ExitCode.USAGE, "model.device");
        requireStartFailure(Map.of("model.dir", CHECKPOINT, "language.kv-memory", "1 KiB"), ExitCode.USAGE,
                "language.kv-memory");
        requireStartFailure(Map.of("model.dir", CHECKPOINT, "language.max-running", "0"), ExitCode.USAGE,
                "language.max-running: 0 (expected: 1..1024)");
    }

    private static void requireAnswer(LanguageGrpc.LanguageStub stub, NodeDescription description) {
        var served = new ServedShape(new Sha256(description.getModel().getDigest()), 512, 48, 256, 16,
                description.getContextLength());
        var ids = IntStream.rangeClosed(20, 35).boxed().toList();
        var stream = RouterStream.open(stub).begin(new Begins(served).text(ids, 5).build());
        stream.ended();
        assertThat(stream.ids).hasSize(5);
    }

    private static String metrics(NodeDescription description) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(URI.create("http://" + description.getMetrics() + "/metrics")).build();
        try (var http = HttpClient.newHttpClient()) {
            return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
        }
    }

    private static void requireStartFailure(Map<String, String> settings, ExitCode exitCode, String inMessage) {
        assertThatThrownBy(() -> start(settings)).isInstanceOfSatisfying(StartFailure.class, failure -> {
            assertThat(failure.exitCode()).isEqualTo(exitCode);
            assertThat(failure).hasMessageContaining(inMessage);
        });
    }

    private static NodeProcess start(Map<String, String> overrides) throws StartFailure {
        var settings = Settings.load(Optional.empty(), with(overrides));
        var common = Settings.read(settings, NodeSettings::from);
        var node = new LanguageNode(Settings.read(settings, LanguageSettings::from),
                Settings.read(settings, SplitSettings::from),
                Settings.read(settings, ModelSettings::from), common.faultHooks());
        var process = NodeProcess.start(common, Role.ROLE_LANGUAGE, Set.of());
        try {
            node.start(process);
            return process;
        } catch (StartFailure | RuntimeException e) {
            process.close();
            throw e;
        }
    }

    /** Two threads, as in the other tests: LibTorch is started once in a process. */
    private static Map<String, String> with(Map<String, String> overrides) {
        var all = new HashMap<>(overrides);
        all.put("language.threads", "2");
        all.put("cluster.exit-when-removed", "false");
        return all;
    }
}
