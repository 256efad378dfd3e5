package sightline.deploy.cluster;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import sightline.client.SightlineClient;
import sightline.deploy.Demo;
import sightline.deploy.client.PictureWait;
import sightline.v1.GetClusterRequest;
import sightline.v1.InferenceGrpc;
import sightline.v1.Node;
import sightline.wire.Endpoint;

/**
 * A warm cluster for the tests of one class, every process a JVM of its own, started and supervised as {@code up} does
 * it. A test that fails shows every log.
 */
public final class ServedCluster
        implements
            BeforeAllCallback,
            AfterTestExecutionCallback,
            AfterAllCallback,
            AutoCloseable {
    private static final long START_LIMIT_SECONDS = 120;
    private static final Duration POLL = Duration.ofMillis(50);

    private final Map<String, String> settings = new HashMap<>(Map.of("model.dir", Demo.CHECKPOINT.toString()));
    private final RecordedEvents events = new RecordedEvents();
    private final int vision;
    private final int language;
    private int stages = 1;
    private final List<ManagedChannel> channels = new ArrayList<>();
    private Optional<FaultyWay> way = Optional.empty();

    @SuppressWarnings("NullAway.Init") // set before the first test
    private Path logs;

    @SuppressWarnings("NullAway.Init") // set before the first test
    private LocalCluster cluster;

    @SuppressWarnings("NullAway.Init") // set before the first test
    private ManagedChannel channel;

    /** One process of each role on the demo model; {@code settings} win over the usual ones. */
    public ServedCluster(Map<String, String> settings) {
        this(1, 1, settings);
    }

    /** One router and so many workers on the demo model; {@code settings} win over the usual ones. */
    public ServedCluster(int vision, int language, Map<String, String> settings) {
        this.vision = vision;
        this.language = language;
        this.settings.putAll(settings);
    }

    /** Each language replica is so many processes. */
    public ServedCluster inStages(int processes) {
        stages = processes;
        return this;
    }

    /** Others reach the nodes behind {@code faulty} through it only. */
    public ServedCluster reachedBy(FaultyWay faulty) {
        way = Optional.of(faulty);
        return this;
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        start();
    }

    /** Returns when it serves; for a test that closes it by itself. */
    public void start() throws Exception {
        logs = Files.createTempDirectory("sightline-test-");
        settings.putIfAbsent("model.weight-cache", logs.resolve("weights").toString());
        var plan = plan();
        cluster = LocalCluster.start(plan, InstalledJars.node(), logs, events);
        channel = connect();
        try {
            cluster.allReady().get(START_LIMIT_SECONDS, TimeUnit.SECONDS);
            awaitPictures(Duration.ofSeconds(30));
        } catch (Exception e) {
            showLogs();
            close();
            throw e;
        }
    }

    private ClusterPlan plan() throws IOException {
        var plan = ClusterPlan.of(new ClusterPlan.Wish(1, vision, language, stages, OptionalInt.empty(), settings));
        return way.isEmpty() ? plan : way.get().before(plan);
    }

    private ManagedChannel connect() {
        var opened = Grpc.newChannelBuilderForAddress(router().host(), router().port(),
                InsecureChannelCredentials.create()).build();
        channels.add(opened);
        return opened;
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        if (context.getExecutionException().isPresent())
            showLogs();
    }

    @Override
    public void afterAll(ExtensionContext context) throws IOException {
        close();
    }

    @Override
    public void close() throws IOException {
        channels.forEach(ManagedChannel::shutdownNow);
        cluster.close();
        if (way.isPresent())
            way.get().close();
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

    /** As {@link #inference}, over a connection of its own, which takes a hundred calls at a time. */
    public InferenceGrpc.InferenceStub anotherClient() {
        return InferenceGrpc.newStub(connect());
    }

    /** The router's public address. */
    public Endpoint router() {
        return cluster.plan().routers().getFirst();
    }

    public RecordedEvents events() {
        return events;
    }

    /** Names of the language nodes that the router serves requests with now. */
    public List<String> serving() {
        return serving(nodes());
    }

    private static List<String> serving(List<Node> nodes) {
        return nodes.stream()
                .filter(node -> node.getRole().equals("language") && node.getState().startsWith("SERVING"))
                .map(Node::getName)
                .toList();
    }

    private List<Node> nodes() {
        return InferenceGrpc.newBlockingStub(channel)
                .withDeadlineAfter(START_LIMIT_SECONDS, TimeUnit.SECONDS)
                .getCluster(GetClusterRequest.getDefaultInstance())
                .getNodesList();
    }

    /** Waits until {@link #serving} is as wanted; fails the test when that takes longer than {@code limit}. */
    public void awaitServing(Predicate<List<String>> wanted, Duration limit) throws InterruptedException {
        awaitNodes(nodes -> wanted.test(serving(nodes)), limit);
    }

    /** Waits until the router tells of its nodes what is wanted; fails the test when that takes longer. */
    public void awaitNodes(Predicate<List<Node>> wanted, Duration limit) throws InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        for (var nodes = nodes(); !wanted.test(nodes); nodes = nodes()) {
            if (System.nanoTime() > endNanos)
                throw new AssertionError("still: " + nodes);
            Thread.sleep(POLL);
        }
    }

    /** The process of that name, which must be running. */
    public ProcessHandle process(String name) {
        return cluster.running(name).orElseThrow();
    }

    /** Sends a signal such as {@code STOP} to the process of that name. */
    public void signal(String signal, String name) {
        var pid = Long.toString(process(name).pid());
        try {
            int exitCode = new ProcessBuilder("kill", "-" + signal, pid).inheritIO().start().waitFor();
            if (exitCode != 0)
                throw new IllegalStateException("kill -" + signal + " " + pid + ": exit code " + exitCode);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
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
        return statusBytes(name, "VmRSS:");
    }

    /** Memory that the process holds and that no file backs. */
    public long anonymousBytes(String name) throws IOException {
        return statusBytes(name, "RssAnon:");
    }

    private long statusBytes(String name, String field) throws IOException {
        var status = Files.readAllLines(Path.of("/proc", Long.toString(process(name).pid()), "status"));
        var line = status.stream().filter(text -> text.startsWith(field)).findFirst().orElseThrow();
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
