package sightline.runtime;

import io.grpc.Server;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;

/** What a stopping process does, in order: say so, take no more calls, let running calls end, free what it held. */
final class StopOrder {
    private final CoordinatedShutdown shutdown;
    private final Duration drainTimeout;

    StopOrder(ActorSystem<?> system, Duration drainTimeout) {
        this.shutdown = CoordinatedShutdown.get(system);
        this.drainTimeout = drainTimeout;
    }

    /** First: while every call is still served. */
    void onDrain(String task, Supplier<CompletionStage<Done>> action) {
        add(CoordinatedShutdown.PhaseBeforeServiceUnbind(), task, action);
    }

    /** Takes no more calls, then gives those that run {@code drainTimeout} to end. */
    void drain(String task, Server server) {
        add(CoordinatedShutdown.PhaseServiceUnbind(), task, () -> run(server::shutdown));
        add(CoordinatedShutdown.PhaseServiceRequestsDone(), task, () -> run(() -> awaitCalls(server)));
    }

    /** Once no call runs any more. */
    void onStop(String task, Supplier<CompletionStage<Done>> action) {
        add(CoordinatedShutdown.PhaseServiceStop(), task, action);
    }

    /** At last, after the process has left the cluster. */
    void atLast(String task, Runnable action) {
        add(CoordinatedShutdown.PhaseBeforeActorSystemTerminate(), task, () -> run(action));
    }

    private void add(String phase, String task, Supplier<CompletionStage<Done>> action) {
        shutdown.addTask(phase, task, action);
    }

    private static CompletionStage<Done> run(Runnable action) {
        return CompletableFuture.supplyAsync(() -> {
            action.run();
            return Done.getInstance();
        }, task -> Thread.ofVirtual().start(task));
    }

    private void awaitCalls(Server server) {
        try {
            if (!server.awaitTermination(drainTimeout.toMillis(), TimeUnit.MILLISECONDS))
                server.shutdownNow();
        } catch (InterruptedException e) {
            throw new CompletionException(e);
        }
    }
}
