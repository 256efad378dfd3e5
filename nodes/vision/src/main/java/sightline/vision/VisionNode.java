package sightline.vision;

import com.typesafe.config.Config;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.model.ModelDirectory;
import sightline.runtime.ExitCode;
import sightline.runtime.FaultHooks;
import sightline.runtime.ModelSettings;
import sightline.runtime.NodeMain;
import sightline.runtime.NodeProcess;
import sightline.runtime.NodeSettings;
import sightline.runtime.Places;
import sightline.runtime.ServedNode;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.stage.v1.Role;
import sightline.torch.DType;
import sightline.torch.Device;
import sightline.torch.NativeMemory;
import sightline.torch.Torch;
import sightline.torch.WeightCache;
import sightline.vision.image.Preprocessor;
import sightline.vision.store.TokenStore;
import sightline.vision.tower.Proof;
import sightline.vision.tower.VisionModel;
import sightline.wire.TensorSpec;

/** Makes a process a vision node: loads and tests the model, then serves it until the process stops. */
public final class VisionNode implements NodeMain.RoleStart {
    private static final Logger LOG = LoggerFactory.getLogger(VisionNode.class);
    private static final String NATIVE_DISPATCHER = "pekko.actor.native-dispatcher";

    private final VisionSettings settings;
    private final ModelSettings modelSettings;
    private final FaultHooks hooks;

    /** A node that is not started yet. */
    public VisionNode(VisionSettings settings, ModelSettings modelSettings, FaultHooks hooks) {
        this.settings = settings;
        this.modelSettings = modelSettings;
        this.hooks = hooks;
    }

    /** Runs a vision node as a process of its own, from settings to exit code. */
    public static ExitCode run(Config settings) throws StartFailure {
        var node = Settings.read(settings, NodeSettings::from);
        var vision = new VisionNode(Settings.read(settings, VisionSettings::from),
                Settings.read(settings, ModelSettings::from), node.faultHooks());
        Torch.loadAhead();
        return NodeMain.run(node, Role.ROLE_VISION, Set.of(), vision);
    }

    @Override
    public void start(NodeProcess process) throws StartFailure {
        var directory = modelSettings.open();
        int threads = settings.threads().orElseGet(() -> Runtime.getRuntime().availableProcessors());
        var torch = Settings.resolve("model.device",
                () -> Torch.start(Device.parse(modelSettings.device()), threads));
        var weights = Settings.resolve("model.dtype", () -> torch.weightClass(modelSettings.dtype()));
        var linears = Settings.resolve("model.kernels",
                () -> torch.linears(weights, modelSettings.kernels(), WeightCache.named(modelSettings.weightCache(),
                        directory.digest().hex(), modelSettings.weightCacheBytes(),
                        report -> LOG.warn("event=weight-cache report=\"{}\"", report))));
        var parts = parts(directory, weights.compute(), new VisionMetrics(process.metrics().registry()));
        process.metrics().nativeBytes(NativeMemory::bytes);
        var loading = new ModelLoading(process, directory, torch, linears);
        var encoder = process.spawn(VisionEncoder.create(parts.encoderParts(Faults.of(hooks)), loading),
                "vision-encoder",
                DispatcherSelector.fromConfig(NATIVE_DISPATCHER));
        var proof = loading.await();
        var desk = process.spawn(EncodeDesk.create(parts.deskParts(encoder, settings.maxBatch())), "encode-desk",
                Props.empty());
        endTogether(process, desk, parts);
        modelSettings.judge(proof.fingerprint().map(Object::toString), proof.reasons());
        serve(process, desk, parts, proof);
        process.serves(new ServedNode(directory.served(), directory.files(), torch.device().toString(),
                weights.toString(), proof.fingerprint().map(Object::toString), 0));
        process.ready();
    }

    /** What actors and services share. */
    private record Parts(TensorSpec spec, TokenStore store, PreparePool pool, Places waiting, VisionLoad load,
            VisionMetrics metrics, CompletableFuture<Done> stopped) {

        VisionEncoder.Parts encoderParts(Faults faults) {
            return new VisionEncoder.Parts(load, metrics, faults, stopped);
        }

        EncodeDesk.Parts deskParts(ActorRef<VisionEncoder.Command> encoder, int maxBatch) {
            return new EncodeDesk.Parts(encoder, store, pool, waiting, spec, metrics, maxBatch,
                    () -> stopped.completeExceptionally(new IllegalStateException("the encode desk broke")));
        }
    }

    private Parts parts(ModelDirectory directory, DType compute, VisionMetrics metrics) {
        var preprocessing = directory.config().preprocessing();
        var recipe = new PreparePool.Recipe(new Preprocessor(preprocessing), preprocessing.digest(),
                directory.digest());
        var pool = new PreparePool(settings.preprocessThreads(), settings.maxWaiting(), recipe, metrics);
        var store = new TokenStore(settings.storeBytes());
        var waiting = new Places(settings.maxWaiting());
        return new Parts(VisionModel.spec(directory, compute), store, pool, waiting, new VisionLoad(waiting, store),
                metrics, new CompletableFuture<>());
    }

    private void serve(NodeProcess process, ActorRef<EncodeDesk.Command> desk, Parts parts, Proof proof) {
        var beats = new Beats(settings.beatInterval());
        var leases = new Places(settings.leases(parts.spec().byteLength()));
        parts.metrics().leases(leases);
        process.serve(new VisionService(new VisionService.Parts(desk, parts.store(), parts.waiting(),
                leases, parts.spec(),
                proof.fingerprint().map(Object::toString),
                process.endpoint(), parts.load(), parts.metrics(), beats, settings.routerSilence(),
                settings.retryAfter())));
        process.serve(new FetchService(parts.store(), parts.spec().modelDigest(), parts.metrics()));
        process.load(parts.load()::load);
        process.onDrain("vision-streams", beats::drain);
        process.onStop("vision-beats", () -> {
            beats.close();
            return CompletableFuture.completedFuture(Done.getInstance());
        });
    }

    /** Desk and encoder end with the process, and the process with the encoder. */
    private static void endTogether(NodeProcess process, ActorRef<EncodeDesk.Command> desk, Parts parts) {
        process.onStop("vision-encoder", () -> {
            desk.tell(new EncodeDesk.Stop());
            return parts.stopped().whenComplete((_, _) -> parts.pool().close());
        });
        var _ = parts.stopped().whenComplete((_, broken) -> {
            if (broken != null) {
                LOG.error("event=encoder-broken");
                Thread.ofPlatform().name("end-with-encoder").start(process::close);
            }
        });
    }
}
