package sightline.language;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import sightline.language.model.DecoderModel;
import sightline.language.model.LayerRange;
import sightline.language.model.NearStages;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.Device;
import sightline.torch.Kernels;
import sightline.torch.Linears;
import sightline.torch.Torch;
import sightline.torch.WeightClass;

/** Loads a checkpoint for a test node, on the node's own thread. */
final class RealModel {
    private static final int KV_BLOCKS = 256;

    final AtomicReference<DecoderModel> loaded = new AtomicReference<>();
    private final ModelDirectory directory;
    private final Linears linears;
    private final int kvBlocks;
    private int stages = 1;

    RealModel(ModelDirectory directory, WeightClass weights) {
        this(directory, weights, Kernels.PACKED);
    }

    RealModel(ModelDirectory directory, WeightClass weights, int kvBlocks) {
        this(directory, weights, Kernels.PACKED, kvBlocks);
    }

    RealModel(ModelDirectory directory, WeightClass weights, Kernels kernels) {
        this(directory, weights, kernels, KV_BLOCKS);
    }

    RealModel(ModelDirectory directory, WeightClass weights, Kernels kernels, int kvBlocks) {
        this.directory = directory;
        this.linears = new Linears(weights, kernels, Optional.empty());
        this.kvBlocks = kvBlocks;
    }

    /** Split into so many stages, all in this process. */
    RealModel inStages(int count) {
        stages = count;
        return this;
    }

    ServedShape served() {
        return ServedShape.of(directory, directory.config().contextLength());
    }

    Engine load() {
        try {
            var torch = Torch.start(Device.cpu(), 2);
            var model = NearStages.load(directory, torch, new DecoderModel.Options(linears, kvBlocks, 2, 3),
                    LayerRange.even(directory.config().text().layers(), stages));
            loaded.set(model);
            return new Engine(model.runner(), directory.config().text().vocab(), kvBlocks);
        } catch (ModelProblem e) {
            throw new IllegalStateException(e);
        }
    }
}
