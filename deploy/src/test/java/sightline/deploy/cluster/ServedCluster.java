package sightline.deploy.cluster;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import sightline.client.SightlineClient;
import sightline.deploy.Demo;
import sightline.deploy.Main;
import sightline.deploy.client.PictureWait;
import sightline.v1.InferenceGrpc;
import sightline.wire.Endpoint;

/**
 * A warm cluster for the tests of one class, every process a JVM of its own, started and supervised as {@code up} does
 * it. A test that fails shows every log.
 */
public final class ServedCluster implements BeforeAllCallback, AfterTestExecutionCallback, AfterAllCallback {
    private static final long START_LIMIT_SECONDS = 120;

    private final Map<String, String> settings = new HashMap<>(Map.of("model.dir", Demo.CHECKPOINT.toString()));
    private final RecordedEvents events = new RecordedEvents();

    @SuppressWarnings("NullAway.Init") // set before the first test
    private Path logs;

    @SuppressWarnings("NullAway.Init") // set before the first test
    private LocalCluster cluster;

    @SuppressWarnings("NullAway.Init") // set before the first test
    private ManagedChannel channel;

    /** One process of each role on the demo model; {@code settings} win over the usual ones. */
    public ServedCluster(Map<String, String> settings) {
        this.settings.putAll(settings);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        logs = Files.createTempDirectory("sightline-test-");
        settings.putIfAbsent("model.weight-cache", logs.resolve("weights").toString());
        var plan = ClusterPlan.of(new ClusterPlan.Wish(1, 1, 1, OptionalInt.empty(), settings));
        cluster = LocalCluster.start(plan, JvmCommand.ofThisProcess(Main.class.getName()), logs, events);
        channel = Grpc.newChannelBuilderForAddress(router().host(), router().port(),
                InsecureChannelCredentials.create()).build();
        try {
            cluster.allReady().get(START_LIMIT_SECONDS, TimeUnit.SECONDS);
            awaitPictures(Duration.ofSeconds(30));
        } catch (Exception e) {
            showLogs();
            afterAll(context);
            throw e;
        }
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        if (context.getExecutionException().isPresent())
            showLogs();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        channel.shutdownNow();
        cluster.close();
    }

    /** Waits until the router can serve requests with pictures. */
    public void awaitPictures(Duration limit) throws InterruptedException {
        try (var client = new SightlineClient(List.of(router()))) {
            PictureWait.await(client, limit);
        }
    }

    public InferenceGrpc.InferenceStub inference() {
        return InferenceGrpc.newStub(channel);
    }

    /** The router's public address. */
    public Endpoint router() {
        return cluster.plan().routers().getFirst();
    }

    public RecordedEvents events() {
        return events;
    }

    /** The process of that name, which must be running. */
    public ProcessHandle process(String name) {
        return cluster.running(name).orElseThrow();
    }

    public MetricsPage metrics(String name) {
        return new MetricsPage(spec(name).metrics());
    }

    public List<String> names() {
        return cluster.plan().processes().stream().map(ProcessSpec::name).toList();
    }

    /** What the process of that name has logged so far. */
    public String log(String name) throws IOException {
        return Files.readString(spec(name).log(logs));
    }

    /** Memory that the process holds. */
    public long residentBytes(String name) throws IOException {
        var status = Files.readAllLines(Path.of("/proc", Long.toString(process(name).pid()), "status"));
        var line = status.stream().filter(text -> text.startsWith("VmRSS:")).findFirst().orElseThrow();
        return Long.parseLong(line.replaceAll("\\D", "")) << 10;
    }

    private ProcessSpec spec(String name) {
        return cluster.plan().processes().stream().filter(spec -> spec.name().equals(name)).findFirst().orElseThrow();
    }

    private void showLogs() throws IOException {
        for (ProcessSpec spec : cluster.plan().processes()) {
            System.err.println("---- " + spec.log(logs));
            System.err.println(Files.readString(spec.log(logs)));
        }
    }
}
