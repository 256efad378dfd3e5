package sightline.router;

import com.typesafe.config.ConfigFactory;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import sightline.router.session.PromptPreparation;
import sightline.router.session.RouterMetrics;
import sightline.runtime.KnownNode;
import sightline.runtime.NodeDirectory;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.v1.InferenceGrpc;
import sightline.wire.Endpoint;

/** A whole router over the in-process transport; only the cluster behind its directory is replaced. */
final class TestRouter implements AutoCloseable {
    private static final Duration TELL_EVERY = Duration.ofMillis(50);

    final CollectorRegistry registry = new CollectorRegistry();
    final RouterActors actors;

    /** Where it passes projected tokens on; the in-process transport takes it for a name. */
    final Endpoint relay = new Endpoint("relay-" + System.identityHashCode(this), 1);
    private final ActorTestKit kit = ActorTestKit.create(ConfigFactory.parseString("pekko.actor.provider = local")
            .withFallback(ConfigFactory.load()));
    private final List<FakeNode> nodes = new CopyOnWriteArrayList<>();
    private final BlockingQueue<Boolean> serving = new LinkedBlockingQueue<>();
    private final PromptPreparation preparation = new PromptPreparation(2, 100);
    private final Server server;
    private final Server nodePort;
    private final ManagedChannel channel;

    /** @param overrides of settings, relative to {@code router} */
    TestRouter(Map<String, String> overrides) {
        var settings = settings(overrides);
        var metrics = new RouterMetrics(registry);
        var started = new CompletableFuture<RouterActors>();
        kit.spawn(RouterGuardian.create(new RouterGuardian.Parts(settings, metrics, preparation,
                endpoint -> InProcessChannelBuilder.forName(endpoint.toString()).build(), this::directory, relay,
                serving::add),
                started));
        actors = started.join();
        var name = InProcessServerBuilder.generateName();
        var service = new InferenceService(settings, actors, metrics, kit.system());
        var memory = new RequestMemory(settings.sessions(), settings.messageTimeout(), metrics::requestBytes);
        var arriving = new ArrivingMessages(memory, metrics);
        server = start(InProcessServerBuilder.forName(name)
                .addService(CheckedMessages.of(CallTenant.toldTo(service.bindService()), metrics))
                .addStreamTracerFactory(arriving)
                .intercept(arriving));
        nodePort = start(InProcessServerBuilder.forName(relay.toString())
                .addService(new RelayService(settings, actors, metrics, kit.system())));
        channel = InProcessChannelBuilder.forName(name).build();
    }

    /** From now on the directory tells of these nodes, and of no others. */
    void knows(FakeNode... now) {
        nodes.clear();
        nodes.addAll(List.of(now));
    }

    void awaitServing(boolean expected) throws InterruptedException {
        Boolean told = serving.poll(20, TimeUnit.SECONDS);
        while (told != null && told != expected)
            told = serving.poll(20, TimeUnit.SECONDS);
        if (told == null)
            throw new AssertionError("serving never became " + expected);
    }

    /** Waits until the assertion holds. */
    void await(Runnable assertion) {
        kit.createTestProbe().awaitAssert(Duration.ofSeconds(20), () -> {
            assertion.run();
            return true;
        });
    }

    InferenceGrpc.InferenceStub stub() {
        return InferenceGrpc.newStub(channel);
    }

    InferenceGrpc.InferenceBlockingStub blocking() {
        return InferenceGrpc.newBlockingStub(channel).withDeadlineAfter(20, TimeUnit.SECONDS);
    }

    ManagedChannel channel() {
        return channel;
    }

    double metric(String name, String label, String value) {
        return Optional.ofNullable(registry.getSampleValue(name, new String[]{label}, new String[]{value})).orElse(0.0);
    }

    double metric(String name) {
        return Optional.ofNullable(registry.getSampleValue(name)).orElse(0.0);
    }

    @Override
    public void close() {
        channel.shutdownNow();
        server.shutdownNow();
        nodePort.shutdownNow();
        kit.shutdownTestKit();
        preparation.close();
    }

    static RouterSettings settings(Map<String, String> overrides) {
        var all = new java.util.HashMap<>(Map.of("router.silent-after", "1s", "router.beat-interval", "100ms",
                "router.wait-for-replica", "0s"));
        overrides.forEach((key, value) -> all.put("router." + key, value));
        try {
            return RouterSettings.from(Settings.load(Optional.empty(), all));
        } catch (StartFailure e) {
            throw new IllegalArgumentException(e);
        }
    }

    private Behavior<NodeDirectory.Command> directory(ActorRef<NodeDirectory.Known> subscriber) {
        return Behaviors.setup(context -> {
            context.getSystem().scheduler().scheduleAtFixedRate(Duration.ZERO, TELL_EVERY, () -> {
                List<KnownNode> known = nodes.stream().map(FakeNode::known).toList();
                subscriber.tell(new NodeDirectory.Known(known));
            }, context.getExecutionContext());
            return Behaviors.empty();
        });
    }

    private static Server start(InProcessServerBuilder builder) {
        try {
            return builder.build().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
