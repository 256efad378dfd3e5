package sightline.language;

import com.typesafe.config.ConfigFactory;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.apache.pekko.Done;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import sightline.runtime.Places;
import sightline.stage.v1.LanguageGrpc;

/** A language node without cluster and ports: the real actor and the real service over the in-process transport. */
final class TestNode implements AutoCloseable {
    static final Duration SILENCE = Duration.ofSeconds(10);
    private static final Duration FETCH_STALLED_AFTER = Duration.ofMillis(300);

    final CollectorRegistry registry = new CollectorRegistry();
    final LoadBoard board = new LoadBoard();
    final AtomicLong beatClockNanos = new AtomicLong();
    final CompletableFuture<Done> stopped = new CompletableFuture<>();
    final ActorRef<LanguageModel.Command> model;
    final LanguageGrpc.LanguageStub stub;
    private final ActorTestKit kit;
    private final Beats beats;
    private final FetchChannels channels;
    private final Server server;
    private final ManagedChannel channel;

    /** Settings that tests change. */
    record Options(int maxRunning, int maxWaiting, int tilesPerStep, Duration creditTimeout, Duration delayStep,
            long imageBytes) {
        static final Options ORDINARY = new Options(32, 64, 2, Duration.ofSeconds(30), Duration.ZERO, 1 << 20);

        Options withPlaces(int running, int waiting) {
            return new Options(running, waiting, tilesPerStep, creditTimeout, delayStep, imageBytes);
        }

        Options withCreditTimeout(Duration timeout) {
            return new Options(maxRunning, maxWaiting, tilesPerStep, timeout, delayStep, imageBytes);
        }

        Options withDelayStep(Duration delay) {
            return new Options(maxRunning, maxWaiting, tilesPerStep, creditTimeout, delay, imageBytes);
        }

        Options withTiles(int tiles) {
            return new Options(maxRunning, maxWaiting, tiles, creditTimeout, delayStep, imageBytes);
        }

        Options withImageBytes(long bytes) {
            return new Options(maxRunning, maxWaiting, tilesPerStep, creditTimeout, delayStep, bytes);
        }

        private LanguageSettings settings() {
            return new LanguageSettings(Optional.of(2), 1, imageBytes, maxRunning, maxWaiting, tilesPerStep, 1,
                    Duration.ofSeconds(1),
                    creditTimeout, Duration.ofMillis(50), SILENCE, FETCH_STALLED_AFTER);
        }
    }

    TestNode(Options options, ServedShape served, Supplier<Engine> load) {
        var settings = options.settings();
        kit = ActorTestKit.create("language-test", ConfigFactory.parseString("pekko.actor.provider = local")
                .withFallback(ConfigFactory.parseResources("sightline/pekko.conf"))
                .withFallback(ConfigFactory.load()));
        var places = new Places(settings.places());
        var metrics = new LanguageMetrics(registry);
        var parts = new LanguageModel.Parts(settings.limits(32, 8), places, board, metrics,
                new Faults(options.delayStep(), Optional.empty()), stopped);
        model = kit.spawn(serving(parts, load), DispatcherSelector.fromConfig("pekko.actor.native-dispatcher"));
        beats = new Beats(settings.beatInterval(), settings.routerSilence(), beatClockNanos::get);
        channels = new FetchChannels(endpoint -> InProcessChannelBuilder.forName(endpoint.toString()).build());
        var service = new LanguageService(new LanguageService.Parts(model, served, places,
                new ImageMemory(settings.imageBytes()), board, metrics, channels, beats,
                settings.retryAfter(), settings.fetchStalledAfter(), stopped));
        var name = UUID.randomUUID().toString();
        try {
            // On the caller's thread: once a cancellation has returned, the service knows of it.
            server = InProcessServerBuilder.forName(name).directExecutor().addService(service).build().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        channel = InProcessChannelBuilder.forName(name).build();
        stub = LanguageGrpc.newStub(channel);
    }

    /** The model is made on the actor's thread; it is never unlinked. */
    private static Behavior<LanguageModel.Command> serving(LanguageModel.Parts parts, Supplier<Engine> load) {
        return Behaviors.setup(context -> Behaviors.withTimers(
                timers -> LanguageModel.serving(context, timers, parts, load.get(), _ -> Behaviors.stopped())));
    }

    double metric(String name) {
        return Objects.requireNonNull(registry.getSampleValue("sightline_" + name), name);
    }

    double metric(String name, String label, String value) {
        var sample = registry.getSampleValue("sightline_" + name, new String[]{label}, new String[]{value});
        return Objects.requireNonNull(sample, name);
    }

    /** Holds while nobody has KV, runs or waits. */
    boolean isIdle() {
        var load = board.load();
        return load.getRunning() == 0 && load.getWaiting() == 0 && load.getKvBlocksUsed() == 0;
    }

    @Override
    public void close() {
        model.tell(new LanguageModel.Stop());
        stopped.handle((_, _) -> true).orTimeout(10, TimeUnit.SECONDS).join();
        channel.shutdownNow();
        server.shutdownNow();
        beats.close();
        channels.close();
        kit.shutdownTestKit();
    }
}
