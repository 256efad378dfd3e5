package sightline.vision.tower;

import java.util.List;
import java.util.function.IntConsumer;
import sightline.model.LlavaConfig;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.model.SelectStrategy;
import sightline.model.StagePart;
import sightline.model.Weights;
import sightline.torch.DType;
import sightline.torch.Linears;
import sightline.torch.NonFiniteWeightException;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.vision.image.PixelValues;
import sightline.wire.ElementType;
import sightline.wire.TensorSpec;

/**
 * Tower, feature selection and projector of one checkpoint, with the weights packed in memory.
 *
 * <p>Loaded, used and closed by one thread, which owns LibTorch.
 */
public final class VisionModel implements ImageEncoder {
    private final Tower tower;
    private final SelectStrategy select;
    private final Projector projector;
    private final TensorSpec spec;

    private VisionModel(Tower tower, SelectStrategy select, Projector projector, TensorSpec spec) {
        this.tower = tower;
        this.select = select;
        this.projector = projector;
        this.spec = spec;
    }

    /**
     * Packs what the stage needs of a checkpoint.
     *
     * @param loaded told the number of tower layers done
     * @throws ModelProblem if a tensor cannot be read, or holds NaN or infinity
     */
    public static VisionModel load(ModelDirectory directory, Linears linears, IntConsumer loaded)
            throws ModelProblem {
        LlavaConfig config = directory.config();
        FeatureLayers features = FeatureLayers.of(config.featureLayers(), config.vision().layers());
        TensorSpec spec = spec(directory, linears.compute());
        try (Weights weights = directory.weights(StagePart.VISION)) {
            StageWeights stage = new StageWeights(weights, config, linears);
            return new VisionModel(stage.tower(features, loaded), config.selectStrategy(), stage.projector(), spec);
        } catch (NonFiniteWeightException e) {
            throw new ModelProblem(String.valueOf(e.getMessage()));
        }
    }

    /** What {@link #encode} returns for images of this model: known before it is loaded. */
    public static TensorSpec spec(ModelDirectory directory, DType compute) {
        LlavaConfig config = directory.config();
        return new TensorSpec(List.of((long) config.tokensPerImage(), (long) config.text().hidden()),
                elementType(compute), directory.digest());
    }

    private static ElementType elementType(DType compute) {
        return switch (compute) {
            case FLOAT32 -> ElementType.FLOAT32;
            case BFLOAT16 -> ElementType.BFLOAT16;
            case FLOAT16, INT64 ->
                    throw new IllegalArgumentException("dtype: " + compute + " (expected: FLOAT32 or BFLOAT16)");
        };
    }

    /** How many tower layers {@link #load} packs of this model. */
    public static int layersToLoad(LlavaConfig config) {
        return FeatureLayers.of(config.featureLayers(), config.vision().layers()).layersNeeded();
    }

    @Override
    public TensorSpec spec() {
        return spec;
    }

    /** Edge of the square pictures that it takes. */
    public int imageSize() {
        return tower.imageSize();
    }

    DType compute() {
        return tower.compute();
    }

    @Override
    public byte[] encode(PixelValues pixels) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor projected = project(hidden(pixels));
            if (!projected.isFinite()) {
                throw new ArithmeticException("projected tokens: NaN or infinity (expected: finite numbers)");
            }
            return projected.toBytes();
        }
    }

    /**
     * The selected hidden states, before the first row is dropped.
     *
     * @return [rows, features]
     */
    Tensor hidden(PixelValues pixels) {
        return tower.apply(pixels);
    }

    /**
     * Image tokens from hidden states.
     *
     * @param hidden [rows, features]
     * @return [tokens, hidden size of the language model]
     */
    Tensor project(Tensor hidden) {
        return projector.apply(switch (select) {
            case DEFAULT -> hidden.narrow(0, 1, hidden.size(0) - 1);
            case FULL -> hidden;
        });
    }

    @Override
    public void close() {
        tower.close();
        projector.close();
    }
}
