package sightline.deploy.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One process that is started again whenever it ends by itself, with the same name, ports and settings, until
 * {@link #stop} or until starting it again would not help.
 */
final class SupervisedProcess {

    /** How a node says on its standard output that it is warm. */
    static final String READY = "ready ";

    /** How it says how far it is before. */
    private static final String LOADING = "loading ";

    /** Above what an orderly stop takes, in which running calls have grpc.drain-timeout to end. */
    private static final Duration STOP_LIMIT = Duration.ofSeconds(25);

    /** A process that was ready for so long and then ends is not one that ends at every start. */
    private static final Duration STEADY = Duration.ofSeconds(10);

    private final ProcessSpec spec;
    private final ProcessBuilder command;
    private final ProcessLog log;
    private final ClusterEvents events;
    private final CompletableFuture<Integer> gaveUp = new CompletableFuture<>();
    private final CompletableFuture<Void> firstReady = new CompletableFuture<>();
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final Thread thread;

    private Optional<Process> running = Optional.empty();
    private int endsInARow;

    SupervisedProcess(ProcessSpec spec, JvmCommand jvm, Path logs, ClusterEvents events) {
        this.spec = spec;
        this.log = new ProcessLog(spec.log(logs));
        this.command = jvm.command(spec, log.file().toFile());
        this.events = events;
        this.thread = Thread.ofPlatform().name("supervise-" + spec.name()).daemon().unstarted(this::supervise);
    }

    ProcessSpec spec() {
        return spec;
    }

    void start() {
        thread.start();
    }

    /** Completed when the process was warm for the first time. */
    CompletableFuture<Void> firstReady() {
        return firstReady;
    }

    /** Completed with the exit code when the process is not started again. */
    CompletableFuture<Integer> gaveUp() {
        return gaveUp;
    }

    /** The process that runs now; none between two incarnations. */
    synchronized Optional<ProcessHandle> running() {
        return running.map(Process::toHandle);
    }

    /** Asks the process to end; {@link #awaitStopped} waits for it. */
    void stop() {
        stopping.countDown();
        running().ifPresent(ProcessHandle::destroy); // by its handle: Process.destroy closes the output still to be read
    }

    /** Kills the process if it does not end in time. */
    void awaitStopped() throws InterruptedException {
        thread.join(STOP_LIMIT);
        running().ifPresent(ProcessHandle::destroyForcibly);
        thread.join();
    }

    private void supervise() {
        try {
            while (runOnce()) { /* until told to stop, or it does not help */ }
        } catch (IOException e) {
            gaveUp.completeExceptionally(e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** One incarnation; says whether there is to be another. */
    private boolean runOnce() throws IOException, InterruptedException {
        Optional<Process> started = startUnlessStopping();
        if (started.isEmpty()) {
            return false;
        }
        Process process = started.get();
        events.started(spec, process.pid());
        var readyNanos = watchOutput(process, System.nanoTime());
        int exitCode = process.waitFor();
        if (readyNanos.isPresent() && System.nanoTime() - readyNanos.getAsLong() >= STEADY.toNanos()) {
            endsInARow = 0;
        }
        synchronized (this) {
            running = Optional.empty();
        }
        return stopping.getCount() > 0 && afterEnd(exitCode);
    }

    private synchronized Optional<Process> startUnlessStopping() throws IOException {
        if (stopping.getCount() > 0) {
            log.begin();
            running = Optional.of(command.start());
        }
        return running;
    }

    /**
     * Reads until the process closes its output, which it does at its end; tells when it was ready first, as a stage may
     * say so again whenever it is linked anew.
     */
    private OptionalLong watchOutput(Process process, long startedNanos) throws IOException {
        var readyNanos = OptionalLong.empty();
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith(LOADING)) {
                    events.loading(spec, line);
                } else if (line.startsWith(READY) && readyNanos.isEmpty()) {
                    readyNanos = OptionalLong.of(System.nanoTime());
                    events.ready(spec, Duration.ofNanos(readyNanos.getAsLong() - startedNanos));
                    firstReady.complete(null);
                }
            }
        }
        return readyNanos;
    }

    private boolean afterEnd(int exitCode) throws InterruptedException {
        endsInARow++;
        return switch (RestartRule.afterEnd(exitCode, firstReady.isDone(), endsInARow)) {
            case RestartRule.Decision.End(int code) -> {
                events.gaveUp(spec, exitCode, log.lastWords());
                gaveUp.complete(code);
                yield false;
            }
            case RestartRule.Decision.Restart(Duration after) -> {
                events.restarting(spec, exitCode, after);
                yield !stopping.await(after.toMillis(), TimeUnit.MILLISECONDS);
            }
        };
    }
}
