package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterTestExecutionCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import sightline.deploy.cluster.MetricsPage;
import sightline.v1.InferenceGrpc;
import sightline.wire.Endpoint;

/**
 * {@code sightline up} as a process of its own, for the tests of one class, known by what it prints alone. Told to stop in
 * the end, it must end with 0 and leave no process behind. A test that fails shows every log.
 */
final class RunningUp implements BeforeAllCallback, AfterTestExecutionCallback, AfterAllCallback {
    private static final long STOP_LIMIT_SECONDS = 40;

    private final List<String> flags;
    private final Map<String, ProcessHandle> children = new HashMap<>();
    private final Map<String, Endpoint> metrics = new HashMap<>();
    private final List<Endpoint> routers = new ArrayList<>();
    private final List<ManagedChannel> channels = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // set before the first test
    private Path folder;

    @SuppressWarnings("NullAway.Init") // set before the first test
    private Process process;

    RunningUp(String... flags) {
        this.flags = List.of(flags);
    }

    @Override
    public void beforeAll(ExtensionContext context) throws IOException {
        folder = Files.createTempDirectory("sightline-test-");
        var args = new ArrayList<>(List.of("up", "--log-dir", folder.toString(), "--set",
                "model.weight-cache=" + folder.resolve("weights")));
        args.addAll(flags);
        process = Commands.process(args).redirectError(err().toFile()).start();
        readUntilReady(process.inputReader());
        if (routers.isEmpty()) {
            showLogs();
            process.destroy();
        }
        assertThat(routers).as("up has ended before it was ready").isNotEmpty();
        routers.forEach(router -> channels.add(Grpc.newChannelBuilderForAddress(router.host(), router.port(),
                InsecureChannelCredentials.create()).build()));
    }

    private void readUntilReady(BufferedReader lines) throws IOException {
        for (var line = lines.readLine(); line != null && routers.isEmpty(); line = lines.readLine()) {
            if (line.startsWith("started "))
                children.put(field(line, "name"),
                        ProcessHandle.of(Long.parseLong(field(line, "pid"))).orElseThrow());
            else if (line.startsWith("ready ")) {
                Arrays.stream(field(line, "grpc").split(",", -1)).map(Endpoint::parse).forEach(routers::add);
                for (var at : field(line, "metrics").split(",", -1))
                    metrics.put(at.substring(0, at.indexOf('@')), Endpoint.parse(at.substring(at.indexOf('@') + 1)));
                return;
            }
        }
    }

    private static String field(String line, String name) {
        return Arrays.stream(line.split(" ", -1))
                .filter(word -> word.startsWith(name + "="))
                .findFirst()
                .orElseThrow()
                .substring(name.length() + 1);
    }

    /** In the order of the {@code ready} line. */
    List<Endpoint> routers() {
        return List.copyOf(routers);
    }

    /** Asks each router, in the same order. */
    List<InferenceGrpc.InferenceStub> inference() {
        return channels.stream().map(InferenceGrpc::newStub).toList();
    }

    List<InferenceGrpc.InferenceBlockingStub> blocking() {
        return channels.stream().map(InferenceGrpc::newBlockingStub).toList();
    }

    MetricsPage metrics(String name) {
        return new MetricsPage(Objects.requireNonNull(metrics.get(name)));
    }

    Set<String> names() {
        return Set.copyOf(children.keySet());
    }

    /** The process that was started first under that name. */
    ProcessHandle process(String name) {
        return Objects.requireNonNull(children.get(name));
    }

    /** What it told a person so far. */
    List<String> said() throws IOException {
        return Files.readAllLines(err());
    }

    /** What the process of that name has logged so far. */
    String log(String name) throws IOException {
        return Files.readString(logFile(name));
    }

    /** Where the process of that name logs; also one that a test starts, so that its log is shown with the others. */
    Path logFile(String name) {
        return folder.resolve(name + ".log");
    }

    @Override
    public void afterTestExecution(ExtensionContext context) throws IOException {
        if (context.getExecutionException().isPresent())
            showLogs();
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        channels.forEach(ManagedChannel::shutdownNow);
        process.toHandle().destroy();
        try {
            assertThat(process.waitFor(STOP_LIMIT_SECONDS, TimeUnit.SECONDS)).as("has stopped").isTrue();
            assertThat(process.exitValue()).isZero();
            assertThat(children.values()).noneMatch(ProcessHandle::isAlive);
        } finally {
            process.destroyForcibly();
        }
    }

    private Path err() {
        return folder.resolve("err");
    }

    private void showLogs() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                System.err.println("---- " + file);
                System.err.println(Files.readString(file));
            }
        }
    }
}
