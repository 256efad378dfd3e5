package sightline.runtime;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.stage.v1.Role;

/** Runs one node as a process of its own: from settings to exit code. */
public final class NodeMain {
    private static final Logger LOG = LoggerFactory.getLogger(NodeMain.class);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20); // the phases besides those that drain
    private static final Duration STOP_LIMIT_WHILE_STARTING = Duration.ofSeconds(5); // nothing runs that could be lost

    /** What a role does between the open ports and {@link NodeProcess#ready}. */
    public interface RoleStart {
        void start(NodeProcess process) throws StartFailure;
    }

    private NodeMain() {}

    /**
     * Runs until a signal, or until the cluster removes the process, and never twice in a JVM.
     *
     * @return how the process has to end; a signal ends the JVM with {@link ExitCode#DONE} before this returns
     */
    public static ExitCode run(NodeSettings settings, Role role, Set<String> healthServices, RoleStart start) {
        Logging.start(settings.logLevel());
        Thread.setDefaultUncaughtExceptionHandler((thread, error) -> endAsBug(thread, error));
        try (var process = NodeProcess.start(settings, role, healthServices)) {
            endOnSignal(process, settings.drainTimeout());
            return run(process, start);
        } catch (StartFailure e) {
            return told(e);
        }
    }

    private static ExitCode run(NodeProcess process, RoleStart start) {
        try {
            start.start(process);
        } catch (StartFailure e) {
            return told(e);
        }
        process.whenStopped().toCompletableFuture().join();
        var reason = CoordinatedShutdown.get(process.system()).getShutdownReason();
        if (reason.filter(CoordinatedShutdown.jvmExitReason()::equals).isPresent())
            return ExitCode.DONE; // a signal, which ends the JVM by itself
        LOG.error("event=stopped-from-within reason={}", reason.map(Object::toString).orElse("none"));
        return ExitCode.BUG; // the cluster removed this process, or its role broke
    }

    private static ExitCode told(StartFailure failure) {
        System.err.println("sightline: " + failure.getMessage());
        return failure.exitCode();
    }

    private static void endAsBug(Thread thread, Throwable error) {
        try {
            LOG.error("event=uncaught thread={}", thread.getName(), error);
        } finally {
            Runtime.getRuntime().halt(ExitCode.BUG.code());
        }
    }

    /** A signal is handled on a thread of its own, which the JVM names so and which waits while the hooks run. */
    private static boolean isSignalled() {
        return Thread.getAllStackTraces().keySet().stream().anyMatch(t -> t.getName().matches("SIG[A-Z]+ handler"));
    }

    /** A JVM that ends by a signal would give 128 + signal: stop in order, then end with 0. */
    private static void endOnSignal(NodeProcess process, Duration drainTimeout) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            var shutdown = CoordinatedShutdown.get(process.system());
            if (shutdown.getShutdownReason().isPresent())
                return; // the process is ending by itself, with a code of its own
            if (!isSignalled())
                Runtime.getRuntime().halt(ExitCode.BUG.code()); // Pekko has logged the error for which it exits
            var limit = process.isReady() ? drainTimeout.multipliedBy(2).plus(STOP_LIMIT) : STOP_LIMIT_WHILE_STARTING;
            shutdown.runAll(CoordinatedShutdown.jvmExitReason());
            try {
                process.whenStopped().toCompletableFuture().get(limit.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException | InterruptedException | ExecutionException e) {
                LOG.warn("event=stop-incomplete after={}", limit, e);
            }
            Runtime.getRuntime().halt(ExitCode.DONE.code());
        }, "end-on-signal"));
    }
}
