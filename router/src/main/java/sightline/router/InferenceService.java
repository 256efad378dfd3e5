package sightline.router;

import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.router.fleet.Fleet;
import sightline.router.fleet.FleetView;
import sightline.router.fleet.JobId;
import sightline.router.prompt.RequestRefused;
import sightline.router.request.RequestParser;
import sightline.router.session.RouterMetrics;
import sightline.router.session.Sessions;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.GetClusterRequest;
import sightline.v1.GetClusterResponse;
import sightline.v1.InferenceGrpc;
import sightline.v1.ListModelsRequest;
import sightline.v1.ListModelsResponse;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;

/** The public service: every call is parsed here, and then has a session or an error. */
final class InferenceService extends InferenceGrpc.InferenceImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(InferenceService.class);
    private static final Duration LOOK_LIMIT = Duration.ofSeconds(5);

    private final RequestParser parser;
    private final RouterSettings settings;
    private final RouterActors actors;
    private final RouterMetrics metrics;
    private final ActorSystem<?> system;
    private final AtomicLong calls = new AtomicLong();
    private final RandomGenerator seeds = RandomGenerator.of("SecureRandom");

    InferenceService(RouterSettings settings, RouterActors actors, RouterMetrics metrics, ActorSystem<?> system) {
        this.parser = new RequestParser(settings.requests());
        this.settings = settings;
        this.actors = actors;
        this.metrics = metrics;
        this.system = system;
    }

    @Override
    public void generate(GenerateRequest request, StreamObserver<GenerateResponse> observer) {
        long receivedNanos = System.nanoTime();
        var call = (ServerCallStreamObserver<GenerateResponse>) observer;
        var client = new CallClient(call);
        var id = new JobId(calls.incrementAndGet());
        call.setOnReadyHandler(() -> actors.sessions().tell(new Sessions.ClientReady(id)));
        call.setOnCancelHandler(() -> actors.sessions().tell(new Sessions.ClientGone(id)));
        try {
            actors.sessions()
                    .tell(new Sessions.Admit(id, parser.parse(CallTenant.said(), request), client, receivedNanos,
                            receivedNanos + allowedNanos(), seeds.nextLong()));
        } catch (RequestRefused e) {
            metrics.refused(e.failure());
            client.fail(e.failure());
        }
    }

    @Override
    public void listModels(ListModelsRequest request, StreamObserver<ListModelsResponse> answer) {
        look(answer, ClusterAnswers::models);
    }

    @Override
    public void getCluster(GetClusterRequest request, StreamObserver<GetClusterResponse> answer) {
        look(answer, ClusterAnswers::nodes);
    }

    /** The client's own deadline, cut to the longest one; a default where it has none. */
    private long allowedNanos() {
        Deadline deadline = Context.current().getDeadline();
        long wanted = deadline == null
                ? settings.defaultDeadline().toNanos()
                : deadline.timeRemaining(TimeUnit.NANOSECONDS);
        return Math.min(wanted, settings.longestDeadline().toNanos());
    }

    private <T> void look(StreamObserver<T> answer, Function<FleetView, T> words) {
        ActorRef<Fleet.Command> fleet = actors.fleet();
        AskPattern.<Fleet.Command, FleetView>ask(fleet, Fleet.Look::new, LOOK_LIMIT, system.scheduler())
                .thenApply(words)
                .whenComplete((said, error) -> {
                    if (said == null) {
                        LOG.error("event=look-failed request=none", error);
                        answer.onError(StatusMapping.toStatus(new Failure.Bug("none")));
                    } else {
                        answer.onNext(said);
                        answer.onCompleted();
                    }
                });
    }
}
