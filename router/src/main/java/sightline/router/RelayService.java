package sightline.router;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import sightline.router.fleet.VisionDispatcher;
import sightline.router.session.RouterMetrics;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.stage.v1.TensorChunk;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/**
 * Passes projected tokens on from the vision node that holds them for this router's sessions: the last endpoint of every
 * ticket, for language nodes that do not reach the vision node themselves.
 *
 * <p>Of each call at most one chunk is here at a time, and a bounded number of calls run.
 */
final class RelayService extends ProjectionGrpc.ProjectionImplBase {
    private static final Duration LOCATE_LIMIT = Duration.ofSeconds(5);

    private final ActorRef<VisionDispatcher.Command> vision;
    private final ActorSystem<?> system;
    private final RouterMetrics metrics;
    private final Duration retryAfter;
    private final Semaphore places;

    RelayService(RouterSettings settings, RouterActors actors, RouterMetrics metrics, ActorSystem<?> system) {
        this.vision = actors.vision();
        this.system = system;
        this.metrics = metrics;
        this.retryAfter = settings.sessions().retryAfter();
        this.places = new Semaphore(settings.relays());
    }

    @Override
    public void fetch(FetchRequest request, StreamObserver<TensorChunk> answer) {
        if (places.tryAcquire()) {
            metrics.relaying(1);
            relay(request, new Relay((ServerCallStreamObserver<TensorChunk>) answer, this::ended));
        } else {
            answer.onError(StatusMapping.toStatus(
                    new Failure.Overloaded("projected tokens of too many pictures are passed on", retryAfter)));
        }
    }

    private void relay(FetchRequest request, Relay relay) {
        AskPattern.<VisionDispatcher.Command, Optional<VisionDispatcher.Holder>>ask(vision,
                replyTo -> new VisionDispatcher.Locate(request.getImageKey(), request.getSha256(), replyTo),
                LOCATE_LIMIT, system.scheduler())
                .whenComplete((holder, _) -> {
                    if (holder == null || holder.isEmpty())
                        relay.fail(new Failure.NotHeld("these projected tokens are no longer held"));
                    else
                        relay.start(holder.get().channel(), request.toBuilder().setRelay(true).build());
                });
    }

    private void ended() {
        places.release();
        metrics.relaying(-1);
    }
}
