package sightline.language;

import com.typesafe.config.Config;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.model.DecoderModel;
import sightline.language.model.LayerRange;
import sightline.model.ModelDirectory;
import sightline.runtime.ExitCode;
import sightline.runtime.FaultHooks;
import sightline.runtime.ModelSettings;
import sightline.runtime.NodeChannels;
import sightline.runtime.NodeMain;
import sightline.runtime.NodeProcess;
import sightline.runtime.NodeSettings;
import sightline.runtime.Places;
import sightline.runtime.ServedNode;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.stage.v1.Role;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.NativeMemory;
import sightline.torch.Torch;
import sightline.torch.WeightCache;

/** Makes a process a language node: loads and tests the model, then serves it until the process stops. */
public final class LanguageNode implements NodeMain.RoleStart {
    private static final Logger LOG = LoggerFactory.getLogger(LanguageNode.class);
    private static final String NATIVE_DISPATCHER = "pekko.actor.native-dispatcher";

    private final LanguageSettings settings;
    private final ModelSettings modelSettings;
    private final FaultHooks hooks;

    /** A node that is not started yet. */
    public LanguageNode(LanguageSettings settings, ModelSettings modelSettings, FaultHooks hooks) {
        this.settings = settings;
        this.modelSettings = modelSettings;
        this.hooks = hooks;
    }

    /** Runs a language node as a process of its own, from settings to exit code. */
    public static ExitCode run(Config settings) throws StartFailure {
        var node = Settings.read(settings, NodeSettings::from);
        var language = new LanguageNode(Settings.read(settings, LanguageSettings::from),
                Settings.read(settings, ModelSettings::from), node.faultHooks());
        return NodeMain.run(node, Role.ROLE_LANGUAGE, Set.of(), language);
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
                        directory.digest().hex(),
                        report -> LOG.warn("event=weight-cache report=\"{}\"", report))));
        var options = Settings.resolve("language.kv-memory", () -> options(directory, linears, torch.device()));
        var loading = new ModelLoading(process, directory, torch, options);
        var parts = new LanguageModel.Parts(settings.limits(torch.device().prefillRows(), torch.device().decodeRows()),
                new Places(settings.places()), new LoadBoard(), new LanguageMetrics(process.metrics().registry()),
                Faults.of(hooks, directory.files()), new CompletableFuture<>());
        process.metrics().nativeBytes(NativeMemory::bytes);
        var model = process.spawn(LanguageModel.create(parts, loading), "language-model",
                DispatcherSelector.fromConfig(NATIVE_DISPATCHER));
        var warm = loading.await();
        endTogether(process, model, parts);
        modelSettings.judge(warm.proof().fingerprint().map(Object::toString), warm.proof().reasons());
        serve(process, model, parts, ServedShape.of(directory, warm.contextLength()));
        process.serves(new ServedNode(directory.served(), directory.files(), torch.device().toString(),
                weights.toString(), warm.proof().fingerprint().map(Object::toString),
                warm.contextLength()));
        process.ready();
    }

    private DecoderModel.Options options(ModelDirectory directory, Linears linears, Device device) {
        int kvBlocks = DecoderModel.kvShape(directory, linears.compute(),
                LayerRange.whole(directory.config().text().layers())).blocksWithin(settings.kvBytes());
        int decodeTiles = Math.ceilDiv(settings.maxRunning(), device.decodeRows());
        var head = modelSettings.int8Head() ? linears : linears.unrounded();
        return new DecoderModel.Options(linears, head, kvBlocks, settings.promptTilesPerStep(), decodeTiles);
    }

    private void serve(NodeProcess process, ActorRef<LanguageModel.Command> model, LanguageModel.Parts parts,
            ServedShape served) {
        var channels = new FetchChannels(NodeChannels::open);
        var beats = new Beats(settings.beatInterval(), settings.routerSilence(), System::nanoTime);
        process.serve(new LanguageService(new LanguageService.Parts(model, served, parts.places(),
                new ImageMemory(settings.imageBytes()), parts.board(), channels, beats, settings.retryAfter(),
                settings.fetchStalledAfter(), parts.stopped())));
        process.load(parts.board()::load);
        process.onStop("language-streams", () -> {
            beats.close();
            channels.close();
            return CompletableFuture.completedFuture(Done.getInstance());
        });
    }

    /**
     * The model ends with the process, and the process with the model. What still runs is refused as soon as no router
     * sends more, and goes on at another replica.
     */
    private static void endTogether(NodeProcess process, ActorRef<LanguageModel.Command> model,
            LanguageModel.Parts parts) {
        process.onDrain("language-model", () -> {
            model.tell(new LanguageModel.Stop());
            return parts.stopped();
        });
        var _ = parts.stopped().whenComplete((_, broken) -> {
            if (broken != null) {
                LOG.error("event=model-broken");
                Thread.ofPlatform().name("end-with-model").start(process::close);
            }
        });
    }
}
