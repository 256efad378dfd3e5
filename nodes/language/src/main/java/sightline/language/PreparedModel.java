package sightline.language;

import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sightline.language.model.DecoderModel;
import sightline.language.model.LayerRange;
import sightline.language.stage.LinkTerms;
import sightline.model.ModelDirectory;
import sightline.runtime.ModelSettings;
import sightline.runtime.NodeProcess;
import sightline.runtime.ServedNode;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.stage.v1.StagePlace;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Torch;
import sightline.torch.WeightCache;
import sightline.torch.WeightClass;

/**
 * A checked checkpoint and how this process will compute its part of it; nothing is loaded yet.
 *
 * @param layers of every stage of the replica, the head's first
 */
record PreparedModel(ModelDirectory directory, Torch torch, WeightClass weights, DecoderModel.Options options,
        SplitSettings split, List<LayerRange> layers) {
    private static final Logger LOG = LoggerFactory.getLogger(PreparedModel.class);

    /** Reads the checkpoint's headers and starts LibTorch. */
    static PreparedModel of(ModelSettings model, LanguageSettings language, SplitSettings split) throws StartFailure {
        var directory = model.open();
        var layers = Settings.resolve("language.layers", () -> split.ranges(directory.config().text().layers()));
        int threads = language.threads().orElseGet(() -> Runtime.getRuntime().availableProcessors());
        var torch = Settings.resolve("model.device", () -> Torch.start(Device.parse(model.device()), threads));
        var weights = Settings.resolve("model.dtype", () -> torch.weightClass(model.dtype()));
        var linears = Settings.resolve("model.kernels",
                () -> torch.linears(weights, model.kernels(), WeightCache.named(model.weightCache(),
                        directory.digest().hex(), model.weightCacheBytes(),
                        report -> LOG.warn("event=weight-cache report=\"{}\"", report))));
        var head = model.int8Head() ? linears : linears.unrounded();
        var options = Settings.resolve("language.kv-memory",
                () -> options(directory, linears, head, torch.device(), language, layers.get(split.stage())));
        return new PreparedModel(directory, torch, weights, options, split, layers);
    }

    private static DecoderModel.Options options(ModelDirectory directory, Linears linears, Linears head, Device device,
            LanguageSettings language, LayerRange range) {
        int kvBlocks = DecoderModel.kvShape(directory, linears.compute(), range).blocksWithin(language.kvBytes());
        int decodeTiles = Math.ceilDiv(language.maxRunning(), device.decodeRows());
        return new DecoderModel.Options(linears, head, kvBlocks, language.promptTilesPerStep(), decodeTiles);
    }

    /** Layers that this process computes. */
    LayerRange own() {
        return layers.get(split.stage());
    }

    /** Loads on the thread that asks for it. */
    <T> Loading<T> loading(NodeProcess process, Loading.Loader<T> loader) {
        LOG.info("event=loading model={} dtype={} layers={} kv-blocks={}", directory.name(), weights, own(),
                options.kvBlocks());
        return new Loading<>(process, directory.name(), own().count(), loader);
    }

    /** Where this process stands in its replica. */
    StagePlace place(String nodeName) {
        return StagePlace.newBuilder()
                .setReplica(split.replica().orElse(nodeName))
                .setStage(split.stage())
                .setStages(split.stages())
                .build();
    }

    /** What this process is to the others of its replica. */
    LinkTerms terms(String nodeName) {
        return new LinkTerms(split.replica().orElse(nodeName), split.stage(), split.stages(), own(),
                directory.digest().hex(), weights.toString(), torch.build(), torch.device().prefillRows(),
                torch.device().decodeRows());
    }

    /** What the cluster is told. */
    ServedNode served(Optional<String> fingerprint, int contextLength) {
        return new ServedNode(directory.served(), directory.files(), torch.device().toString(), weights.toString(),
                fingerprint, contextLength);
    }
}
