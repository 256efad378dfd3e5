package sightline.deploy.cluster;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import sightline.stage.v1.Role;

/**
 * The running processes of a plan, each restarted when it ends by itself; closing ends them all.
 *
 * <p>Safe on several threads.
 */
public final class LocalCluster implements AutoCloseable {

    private final ClusterPlan plan;
    private final List<SupervisedProcess> processes;

    private LocalCluster(ClusterPlan plan, List<SupervisedProcess> processes) {
        this.plan = plan;
        this.processes = processes;
    }

    /**
     * Starts every process of {@code plan} and returns at once.
     *
     * @param logs a directory; each process logs to a file of its name in it
     */
    public static LocalCluster start(ClusterPlan plan, JvmCommand jvm, Path logs, ClusterEvents events) {
        List<SupervisedProcess> processes = plan.processes()
                .stream()
                .map(spec -> new SupervisedProcess(spec, jvm, logs, events))
                .toList();
        processes.forEach(SupervisedProcess::start);
        return new LocalCluster(plan, processes);
    }

    public ClusterPlan plan() {
        return plan;
    }

    /** Completed when every process has been warm once. */
    public CompletableFuture<Void> allReady() {
        return CompletableFuture
                .allOf(processes.stream().map(SupervisedProcess::firstReady).toArray(CompletableFuture<?>[]::new));
    }

    /** Completed with the exit code to end with when a process cannot be kept running. */
    public CompletableFuture<Integer> gaveUp() {
        return CompletableFuture
                .anyOf(processes.stream().map(SupervisedProcess::gaveUp).toArray(CompletableFuture<?>[]::new))
                .thenApply(Integer.class::cast);
    }

    /** The process of that name that runs now; none while it is between two incarnations. */
    public Optional<ProcessHandle> running(String name) {
        return processes.stream()
                .filter(process -> process.spec().name().equals(name))
                .findFirst()
                .flatMap(SupervisedProcess::running);
    }

    /** Asks every process to end, routers before those whom their requests need, and returns when all have. */
    @Override
    public void close() {
        var byRouters = processes.stream()
                .collect(Collectors.partitioningBy(process -> process.spec().role() == Role.ROLE_ROUTER));
        try {
            stop(byRouters.getOrDefault(true, List.of()));
            stop(byRouters.getOrDefault(false, List.of()));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void stop(List<SupervisedProcess> processes) throws InterruptedException {
        processes.forEach(SupervisedProcess::stop);
        for (var process : processes) {
            process.awaitStopped();
        }
    }
}
