package sightline.vision.tower;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import sightline.model.LlavaConfig;
import sightline.model.ModelProblem;
import sightline.model.StoredTensor;
import sightline.model.VisionConfig;
import sightline.model.Weights;
import sightline.torch.Activation;
import sightline.torch.DType;
import sightline.torch.LayerNorm;
import sightline.torch.Linears;
import sightline.torch.OwnedTensor;
import sightline.torch.Resampling;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.TileLinear;
import sightline.torch.Weight;

/** Makes tower and projector from the tensors of a checkpoint; each is unmapped as soon as it is packed. */
final class StageWeights {
    private static final String PROJECTOR = "multi_modal_projector.";

    private final Weights weights;
    private final LlavaConfig config;
    private final VisionConfig shape;
    private final TowerNames names;
    private final Linears linears;

    StageWeights(Weights weights, LlavaConfig config, Linears linears) {
        this.weights = weights;
        this.config = config;
        this.shape = config.vision();
        this.names = TowerNames.of(shape.family());
        this.linears = linears;
    }

    /**
     * Packs the layers that the features need.
     *
     * @param loaded told the number of layers done
     */
    Tower tower(FeatureLayers features, IntConsumer loaded) throws ModelProblem {
        TileLinear patches = patchEmbedding();
        Optional<OwnedTensor> classEmbedding = copy(names.classEmbedding(), 1, shape.hidden());
        OwnedTensor positions = positions();
        Optional<LayerNorm> firstNorm = names.firstNorm().isPresent()
                ? Optional.of(norm(names.firstNorm().get()))
                : Optional.empty();
        List<TowerLayer> layers = new ArrayList<>();
        for (int i = 0; i < features.layersNeeded(); i++) {
            layers.add(layer(names.layers() + i + "."));
            loaded.accept(i + 1);
        }
        return new Tower(linears.compute(), shape.imageSize(), shape.patchSize(), patches, classEmbedding, positions,
                firstNorm,
                layers, features);
    }

    Projector projector() throws ModelProblem {
        return new Projector(projectorLinear("linear_1"), activation(config.projectorActivation()),
                projectorLinear("linear_2"));
    }

    private TowerLayer layer(String layer) throws ModelProblem {
        TowerNames.Layer of = names.layer();
        return new TowerLayer(norm(layer + of.attentionNorm()),
                linear(layer + of.query(), layer + of.key(), layer + of.value()), linear(layer + of.attentionOut()),
                copy(of.attentionScale().map(layer::concat), shape.hidden()), shape.heads(),
                norm(layer + of.mlpNorm()), linear(layer + "mlp.fc1"), activation(shape.activation()),
                linear(layer + "mlp.fc2"), copy(of.mlpScale().map(layer::concat), shape.hidden()));
    }

    /** @return [rows, hidden]; made of those that are stored where there are fewer or more */
    private OwnedTensor positions() throws ModelProblem {
        if (shape.positions() == shape.rows()) {
            return copy(names.positions(), shape.rows(), shape.hidden());
        }
        StoredTensor stored = weights.get(names.positions());
        try (TensorScope _ = TensorScope.open();
                OwnedTensor all = weight(stored, shape.positions(), shape.hidden()).copy(DType.FLOAT32)) {
            weights.release(stored);
            return interpolated(all.tensor()).to(linears.compute()).own();
        }
    }

    // https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/dinov2/modeling_dinov2.py
    // (Dinov2Embeddings.interpolate_pos_encoding): in float32 whatever the type computed in
    private Tensor interpolated(Tensor trained) {
        long from = shape.trainedSize() / shape.patchSize();
        long to = shape.imageSize() / shape.patchSize();
        Tensor patches = trained.narrow(0, 1, from * from).reshape(1, from, from, shape.hidden()).permute(0, 3, 1, 2);
        Tensor resized = Resampling.bicubic(patches, to, to).permute(0, 2, 3, 1).reshape(to * to, shape.hidden());
        return Tensor.cat(0, trained.narrow(0, 0, 1), resized);
    }

    private TileLinear patchEmbedding() throws ModelProblem {
        StoredTensor stored = weights.get(names.patch() + ".weight");
        Weight kernels = weight(stored, shape.hidden(), 3L * shape.patchSize() * shape.patchSize());
        TileLinear packed;
        if (names.patchBias()) {
            StoredTensor bias = weights.get(names.patch() + ".bias");
            packed = linears.linear(List.of(kernels), List.of(weight(bias)));
            weights.release(bias);
        } else {
            packed = linears.linear(kernels);
        }
        weights.release(stored);
        return packed;
    }

    /** Packs layers that read the same input as one. */
    private TileLinear linear(String... names) throws ModelProblem {
        List<StoredTensor> stored = new ArrayList<>();
        for (String name : names) {
            stored.add(weights.get(name + ".weight"));
        }
        for (String name : names) {
            stored.add(weights.get(name + ".bias"));
        }
        TileLinear packed = linears.linear(
                stored.subList(0, names.length).stream().map(StageWeights::weight).toList(),
                stored.subList(names.length, stored.size()).stream().map(StageWeights::weight).toList());
        stored.forEach(weights::release);
        return packed;
    }

    private TileLinear projectorLinear(String name) throws ModelProblem {
        if (config.projectorBias()) {
            return linear(PROJECTOR + name);
        }
        StoredTensor stored = weights.get(PROJECTOR + name + ".weight");
        TileLinear packed = linears.linear(weight(stored));
        weights.release(stored);
        return packed;
    }

    private LayerNorm norm(String name) throws ModelProblem {
        StoredTensor scale = weights.get(name + ".weight");
        StoredTensor shift = weights.get(name + ".bias");
        LayerNorm norm = LayerNorm.load(linears.compute(), weight(scale), weight(shift), shape.normEps());
        weights.release(scale);
        weights.release(shift);
        return norm;
    }

    private Optional<OwnedTensor> copy(Optional<String> name, long... as) throws ModelProblem {
        return name.isPresent() ? Optional.of(copy(name.get(), as)) : Optional.empty();
    }

    private OwnedTensor copy(String name, long... as) throws ModelProblem {
        StoredTensor stored = weights.get(name);
        try (TensorScope _ = TensorScope.open()) {
            OwnedTensor copy = weight(stored, as).copy(linears.compute());
            weights.release(stored);
            return copy;
        }
    }

    private static Weight weight(StoredTensor stored) {
        return weight(stored, stored.shape().stream().mapToLong(Long::longValue).toArray());
    }

    private static Weight weight(StoredTensor stored, long... shape) {
        DType dtype = switch (stored.type()) {
            case F32 -> DType.FLOAT32;
            case BF16 -> DType.BFLOAT16;
            case F16 -> DType.FLOAT16;
        };
        return Weight.stored(stored.name(), stored.bytes(), dtype, shape);
    }

    private static Activation activation(sightline.model.Activation activation) {
        return switch (activation) {
            case GELU_ERF -> Activation.GELU_ERF;
            case GELU_TANH -> Activation.GELU_TANH;
            case QUICK_GELU -> Activation.QUICK_GELU;
            case SILU -> Activation.SILU;
        };
    }
}
