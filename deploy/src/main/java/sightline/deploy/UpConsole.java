package sightline.deploy;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import sightline.deploy.cluster.ClusterEvents;
import sightline.deploy.cluster.ClusterPlan;
import sightline.deploy.cluster.JoinCommand;
import sightline.deploy.cluster.ProcessSpec;
import sightline.runtime.RoleName;
import sightline.stage.v1.Role;
import sightline.wire.Endpoint;
import sightline.wire.Received;

/**
 * What {@code up} prints: answers and the lines of the public contract on standard output, everything else on standard
 * error. Safe on several threads.
 */
final class UpConsole implements ClusterEvents {
    private static final Duration PROGRESS_INTERVAL = Duration.ofSeconds(3);

    private final PrintStream out;
    private final PrintStream err;
    private final Map<String, Long> shownNanos = new ConcurrentHashMap<>();

    UpConsole(PrintStream out, PrintStream err, Path logs) {
        this.out = out;
        this.err = err;
        err.println("logs of every process in " + logs);
    }

    @Override
    public void started(ProcessSpec process, long pid) {
        shownNanos.put(process.name(), System.nanoTime());
        out.println("started name=" + process.name() + " role=" + RoleName.of(process.role()) + " pid=" + pid);
    }

    /** Shown every few seconds at most. */
    @Override
    public void loading(ProcessSpec process, String progress) {
        long nowNanos = System.nanoTime();
        if (nowNanos - shownNanos.getOrDefault(process.name(), nowNanos) >= PROGRESS_INTERVAL.toNanos()) {
            shownNanos.put(process.name(), nowNanos);
            err.println(process.name() + " " + progress);
        }
    }

    @Override
    public void ready(ProcessSpec process, Duration loading) {
        err.printf("%s ready after %.1f s%n", process.name(), loading.toMillis() / 1000.0);
    }

    @Override
    public void restarting(ProcessSpec process, int exitCode, Duration wait) {
        err.printf("%s ended with %d, starting it again in %d ms%n", process.name(), exitCode, wait.toMillis());
    }

    @Override
    public void gaveUp(ProcessSpec process, int exitCode, List<String> lastWords) {
        err.printf("%s ended with %d:%n", process.name(), exitCode);
        lastWords.forEach(line -> err.println("  " + line));
    }

    void asking(Path picture, String question) {
        err.println("asking about " + picture + ": " + question);
    }

    /** A part of the streamed answer. */
    void text(String text) {
        out.print(text);
        out.flush();
    }

    void answered() {
        out.println();
    }

    void failed(Received received) {
        err.println(ErrorLine.of(received));
    }

    /** The line that says where everything listens; before it, for people, how the cluster grows. */
    void ready(ClusterPlan plan) {
        for (var role : List.of(Role.ROLE_ROUTER, Role.ROLE_VISION, Role.ROLE_LANGUAGE))
            err.println("one more " + RoleName.of(role) + ": deploy/sightline " + JoinCommand.of(plan, role));
        var metrics = plan.processes()
                .stream()
                .map(process -> process.name() + "@" + process.metrics())
                .collect(Collectors.joining(","));
        var routers = plan.routers().stream().map(Endpoint::toString).collect(Collectors.joining(","));
        out.println("ready grpc=" + routers + " metrics=" + metrics);
    }
}
