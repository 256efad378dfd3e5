package sightline.deploy.rig;

import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import sightline.router.RouterNode;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.v1.InferenceGrpc;
import sightline.v1.ListModelsRequest;
import sightline.wire.Endpoint;

/** A router in a JVM of its own, as {@code deploy/sightline node router} runs one. */
public final class RouterProcess implements AutoCloseable {
    private final JavaProcess process;
    private final Endpoint endpoint;
    private final Endpoint metrics;

    private RouterProcess(JavaProcess process, String ready) {
        this.process = process;
        this.endpoint = Endpoint.parse(field(ready, "grpc"));
        this.metrics = Endpoint.parse(field(ready, "metrics"));
    }

    /**
     * Starts it and waits until its ports are open.
     *
     * @param seed the port by which it joins a cluster on this machine
     * @param settings relative to the root
     */
    public static RouterProcess start(int seed, Map<String, String> settings) throws IOException {
        var all = new HashMap<>(
                Map.of("cluster.seeds", "[\"127.0.0.1:" + seed + "\"]", "router.port", "0", "node.log-level",
                        "warn"));
        all.putAll(settings);
        var process = JavaProcess.start(RouterProcess.class, List.of("-XX:+UseSerialGC", "-Xmx1g"),
                all.entrySet().stream().map(setting -> setting.getKey() + "=" + setting.getValue()).toList());
        var line = process.line();
        while (!line.startsWith("ready "))
            line = process.line();
        return new RouterProcess(process, line);
    }

    private static String field(String ready, String name) {
        return Stream.of(ready.split(" "))
                .filter(word -> word.startsWith(name + "="))
                .findFirst()
                .orElseThrow()
                .substring(name.length() + 1);
    }

    /** The public port. */
    public Endpoint endpoint() {
        return endpoint;
    }

    public Endpoint metrics() {
        return metrics;
    }

    public long pid() {
        return process.pid();
    }

    /** Waits until it knows a model that can be asked. */
    public void awaitModel() {
        var channel = NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port()).usePlaintext().build();
        try {
            var stub = InferenceGrpc.newBlockingStub(channel).withDeadlineAfter(1, TimeUnit.MINUTES);
            while (stub.listModels(ListModelsRequest.getDefaultInstance()).getModelsCount() == 0)
                Thread.onSpinWait();
        } finally {
            channel.shutdownNow();
        }
    }

    /** Resident memory, heap and everything else. */
    public long residentBytes() throws IOException {
        try (var lines = Files.lines(Path.of("/proc/" + process.pid() + "/status"))) {
            return lines.filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst()
                    .orElseThrow();
        }
    }

    @Override
    public void close() throws IOException {
        process.close();
    }

    /** The process itself; each argument is a setting, {@code key=value}. */
    public static void main(String[] settings) throws StartFailure {
        var overrides = new HashMap<String, String>();
        for (var setting : settings)
            overrides.put(setting.substring(0, setting.indexOf('=')), setting.substring(setting.indexOf('=') + 1));
        Thread.ofPlatform().daemon().start(() -> endWith(System.in));
        System.exit(RouterNode.run(Settings.load(Optional.empty(), overrides)).code());
    }

    private static void endWith(InputStream stdin) {
        try {
            stdin.transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // as good as its end
        }
        Runtime.getRuntime().halt(0);
    }
}
