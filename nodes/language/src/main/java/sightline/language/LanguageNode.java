package sightline.language;

import com.typesafe.config.Config;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.model.FurtherStages;
import sightline.language.model.HeadStage;
import sightline.language.stage.StageSearch;
import sightline.runtime.ExitCode;
import sightline.runtime.FaultHooks;
import sightline.runtime.LogValue;
import sightline.runtime.ModelSettings;
import sightline.runtime.NodeChannels;
import sightline.runtime.NodeMain;
import sightline.runtime.NodeProcess;
import sightline.runtime.NodeSettings;
import sightline.runtime.Places;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.stage.v1.Role;
import sightline.torch.NativeMemory;
import sightline.torch.Torch;

/** Makes a process a language node: loads and tests the model, then serves it until the process stops. */
public final class LanguageNode implements NodeMain.RoleStart {
    private static final Logger LOG = LoggerFactory.getLogger(LanguageNode.class);
    static final String NATIVE_DISPATCHER = "pekko.actor.native-dispatcher";

    private final LanguageSettings settings;
    private final ModelSettings modelSettings;
    private final FaultHooks hooks;
    private final SplitSettings split;

    /** A node that is not started yet. */
    public LanguageNode(LanguageSettings settings, SplitSettings split, ModelSettings modelSettings,
            FaultHooks hooks) {
        this.settings = settings;
        this.split = split;
        this.modelSettings = modelSettings;
        this.hooks = hooks;
    }

    /** Runs a language node as a process of its own, from settings to exit code. */
    public static ExitCode run(Config settings) throws StartFailure {
        var node = Settings.read(settings, NodeSettings::from);
        var language = new LanguageNode(Settings.read(settings, LanguageSettings::from),
                Settings.read(settings, SplitSettings::from),
                Settings.read(settings, ModelSettings::from), node.faultHooks());
        Torch.loadAhead();
        return NodeMain.run(node, Role.ROLE_LANGUAGE, Set.of(), language);
    }

    @Override
    public void start(NodeProcess process) throws StartFailure {
        var prepared = PreparedModel.of(modelSettings, settings, split);
        process.place(prepared.place(process.name()));
        process.metrics().nativeBytes(NativeMemory::bytes);
        if (split.stage() > 0) {
            new StageNode(prepared, StageCrash.of(hooks)).start(process);
        } else {
            startHead(process, prepared);
        }
    }

    private void startHead(NodeProcess process, PreparedModel prepared) throws StartFailure {
        var device = prepared.torch().device();
        var parts = new LanguageModel.Parts(settings.limits(device.prefillRows(), device.decodeRows()),
                new Places(settings.places()), new LoadBoard(), new LanguageMetrics(process.metrics().registry()),
                Faults.of(hooks, prepared.directory().files()), new CompletableFuture<>());
        var loading = prepared.loading(process, done -> HeadStage.load(prepared.directory(), prepared.torch(),
                prepared.options(), prepared.own(), done));
        var watch = new ReplicaWatch(process, modelSettings, prepared);
        var model = process.spawn(
                LinkingModel.create(parts, prepared.directory().config().text().vocab(), loading, watch),
                "language-model", DispatcherSelector.fromConfig(NATIVE_DISPATCHER));
        int rowBytes = loading.await().sizes().rowBytes();
        endTogether(process, model, parts);
        link(process, prepared, rowBytes, model);
        var warm = watch.await();
        if (warm.isPresent()) {
            serve(process, model, parts, ServedShape.of(prepared.directory(), warm.get().contextLength()));
            watch.open();
        }
    }

    /** Has the further stages found and linked, again and again; where there is none, the model is whole at once. */
    private static void link(NodeProcess process, PreparedModel prepared, int rowBytes,
            ActorRef<LanguageModel.Command> model) {
        if (prepared.split().stages() == 1) {
            model.tell(new LanguageModel.Linked(FurtherStages.none()));
            return;
        }
        var stopped = new CompletableFuture<Done>();
        var search = process
                .spawn(StageSearch.create(new StageSearch.Parts(process.name(), prepared.terms(process.name()),
                        prepared.layers(), rowBytes, prepared.split().links(), NodeChannels::open,
                        stages -> model.tell(new LanguageModel.Linked(stages)),
                        why -> model.tell(new LanguageModel.Unlinked(false, why)),
                        why -> model.tell(new LanguageModel.Unlinked(true, why)), process::renew, stopped)),
                        "stage-search",
                        Props.empty());
        endWith(process, stopped);
        process.onDrain("stage-search", () -> {
            search.tell(new StageSearch.Rest());
            return CompletableFuture.completedFuture(Done.getInstance());
        });
    }

    private void serve(NodeProcess process, ActorRef<LanguageModel.Command> model, LanguageModel.Parts parts,
            ServedShape served) {
        var channels = new FetchChannels(NodeChannels::open);
        var beats = new Beats(settings.beatInterval(), settings.routerSilence(), System::nanoTime);
        process.serve(new LanguageService(new LanguageService.Parts(model, served, parts.places(),
                new ImageMemory(settings.imageBytes()), parts.board(), parts.metrics(), channels, beats,
                settings.retryAfter(),
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
        endWith(process, parts.stopped());
    }

    /** A process of which a part breaks is in an unknown state, and ends. */
    static void endWith(NodeProcess process, CompletableFuture<Done> partStopped) {
        var _ = partStopped.whenComplete((_, broken) -> {
            if (broken != null) {
                LOG.error("event=broken reason={}", LogValue.of(String.valueOf(broken.getMessage())));
                Thread.ofPlatform().name("end-with-part").start(process::close);
            }
        });
    }
}
