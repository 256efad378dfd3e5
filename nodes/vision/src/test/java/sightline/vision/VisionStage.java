package sightline.vision;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.prometheus.client.CollectorRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import sightline.model.ImageProcessorConfig;
import sightline.model.ImageProcessorConfig.Resize;
import sightline.model.ImageProcessorConfig.Size;
import sightline.runtime.Places;
import sightline.stage.v1.EncodeBatch;
import sightline.stage.v1.EncodeItem;
import sightline.stage.v1.VisionCommand;
import sightline.vision.image.Preprocessor;
import sightline.vision.store.TokenStore;
import sightline.vision.tower.ImageEncoder;
import sightline.wire.Endpoint;
import sightline.wire.ImageKey;
import sightline.wire.Sha256;

/** A vision node without cluster and ports: actor, store and services behind gRPC within the process. */
final class VisionStage implements AutoCloseable {
    static final ImageProcessorConfig PREPROCESSING = new ImageProcessorConfig(false, new Resize.Exact(new Size(4, 4)),
            Optional.empty(), 1 / 255.0, List.of(0.0, 0.0, 0.0), List.of(1.0, 1.0, 1.0));
    static final int MAX_WAITING = 4;
    static final int MAX_LEASES = 6;

    final CollectorRegistry registry = new CollectorRegistry();
    final TokenStore store;
    final Places waiting = new Places(MAX_WAITING);
    final Places leases = new Places(MAX_LEASES);
    final Beats beats;
    final CompletableFuture<org.apache.pekko.Done> stopped = new CompletableFuture<>();
    final ActorRef<EncodeDesk.Command> desk;
    final ManagedChannel channel;
    private final ActorTestKit kit = ActorTestKit.create();
    private final PreparePool pool;
    private final Server server;

    /** What a test may choose. */
    record Options(long storeBytes, Faults faults, Duration beatInterval, Duration silence) {
        static final Options DEFAULT = new Options(1 << 20, Faults.NONE, Duration.ofMillis(50), Duration.ofSeconds(30));
    }

    VisionStage(ImageEncoder model, Options options) {
        var metrics = new VisionMetrics(registry);
        store = new TokenStore(options.storeBytes());
        beats = new Beats(options.beatInterval());
        var load = new VisionLoad(waiting, store);
        pool = new PreparePool(2, MAX_WAITING, new PreparePool.Recipe(new Preprocessor(PREPROCESSING),
                PREPROCESSING.digest(), model.spec().modelDigest()), metrics);
        var encoder = kit.spawn(VisionEncoder.create(
                new VisionEncoder.Parts(load, metrics, options.faults(), stopped), () -> Optional.of(model)),
                "vision-encoder", DispatcherSelector.blocking());
        desk = kit.spawn(EncodeDesk.create(
                new EncodeDesk.Parts(encoder, store, pool, waiting, model.spec(), metrics, 8, () -> stopped
                        .completeExceptionally(new IllegalStateException("the desk broke")))));
        var name = InProcessServerBuilder.generateName();
        try {
            server = InProcessServerBuilder.forName(name)
                    .addService(new VisionService(new VisionService.Parts(desk, store, waiting, leases,
                            model.spec(), Optional.of("print"), new Endpoint("vision.test", 7071), load, metrics,
                            beats, options.silence(), Duration.ofSeconds(1))))
                    .addService(new FetchService(store, model.spec().modelDigest(), metrics))
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        channel = InProcessChannelBuilder.forName(name).build();
    }

    static VisionStage of(ImageEncoder model) {
        return new VisionStage(model, Options.DEFAULT);
    }

    RouterStream connect() {
        return new RouterStream(channel);
    }

    static EncodeItem item(long number, byte[] picture) {
        return EncodeItem.newBuilder()
                .setItem(number)
                .setEncoded(ByteString.copyFrom(picture))
                .setImageKey(key(picture).byteString())
                .setModelDigest(FakeEncoder.MODEL.hex())
                .setRemainingMillis(60_000)
                .build();
    }

    static VisionCommand encode(EncodeItem... items) {
        return VisionCommand.newBuilder().setEncode(EncodeBatch.newBuilder().addAllItems(List.of(items))).build();
    }

    static ImageKey key(byte[] picture) {
        return ImageKey.of(Sha256.of(picture), PREPROCESSING.digest(), FakeEncoder.MODEL);
    }

    double metric(String name, String... labels) {
        var names = labels.length == 0 ? new String[0] : new String[]{labels[0]};
        var values = labels.length == 0 ? new String[0] : new String[]{labels[1]};
        var value = registry.getSampleValue(name, names, values);
        return value == null ? 0 : value;
    }

    @Override
    public void close() {
        beats.close();
        channel.shutdownNow();
        server.shutdownNow();
        kit.shutdownTestKit();
        pool.close();
        try {
            server.awaitTermination(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
