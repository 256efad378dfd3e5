package sightline.vision.tower;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import sightline.model.LlavaConfig;
import sightline.model.ModelProblem;
import sightline.model.StoredTensor;
import sightline.model.VisionConfig;
import sightline.model.Weights;
import sightline.torch.Activation;
import sightline.torch.DType;
import sightline.torch.LayerNorm;
import sightline.torch.OwnedTensor;
import sightline.torch.TensorScope;
import sightline.torch.TileLinear;
import sightline.torch.Weight;

/** Makes tower and projector from the tensors of a checkpoint; each is unmapped as soon as it is packed. */
final class StageWeights {
    private static final String TOWER = "vision_tower.vision_model.";
    private static final String PROJECTOR = "multi_modal_projector.";

    private final Weights weights;
    private final LlavaConfig config;
    private final VisionConfig shape;
    private final DType compute;

    StageWeights(Weights weights, LlavaConfig config, DType compute) {
        this.weights = weights;
        this.config = config;
        this.shape = config.vision();
        this.compute = compute;
    }

    /**
     * Packs the layers that the features need.
     *
     * @param loaded told the number of layers done
     */
    ClipTower tower(FeatureLayers features, IntConsumer loaded) throws ModelProblem {
        String embeddings = TOWER + "embeddings.";
        TileLinear patches = patchEmbedding(embeddings + "patch_embedding.weight");
        OwnedTensor classEmbedding = copy(embeddings + "class_embedding", 1, shape.hidden());
        OwnedTensor positions = copy(embeddings + "position_embedding.weight", shape.rows(), shape.hidden());
        LayerNorm firstNorm = norm(TOWER + "pre_layrnorm");
        List<ClipLayer> layers = new ArrayList<>();
        for (int i = 0; i < features.layersNeeded(); i++) {
            layers.add(layer(TOWER + "encoder.layers." + i + "."));
            loaded.accept(i + 1);
        }
        return new ClipTower(compute, shape.imageSize(), shape.patchSize(), patches, classEmbedding, positions,
                firstNorm, layers, features);
    }

    Projector projector() throws ModelProblem {
        return new Projector(projectorLinear("linear_1"), activation(config.projectorActivation()),
                projectorLinear("linear_2"));
    }

    private ClipLayer layer(String layer) throws ModelProblem {
        String attention = layer + "self_attn.";
        return new ClipLayer(norm(layer + "layer_norm1"),
                linear(attention + "q_proj", attention + "k_proj", attention + "v_proj"),
                linear(attention + "out_proj"), shape.heads(), norm(layer + "layer_norm2"), linear(layer + "mlp.fc1"),
                activation(shape.activation()), linear(layer + "mlp.fc2"));
    }

    private TileLinear patchEmbedding(String name) throws ModelProblem {
        StoredTensor stored = weights.get(name);
        TileLinear packed = TileLinear.pack(compute,
                weight(stored, shape.hidden(), 3L * shape.patchSize() * shape.patchSize()));
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
        TileLinear packed = TileLinear.pack(compute,
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
        TileLinear packed = TileLinear.pack(compute, weight(stored));
        weights.release(stored);
        return packed;
    }

    private LayerNorm norm(String name) throws ModelProblem {
        StoredTensor scale = weights.get(name + ".weight");
        StoredTensor shift = weights.get(name + ".bias");
        LayerNorm norm = LayerNorm.load(compute, weight(scale), weight(shift), shape.normEps());
        weights.release(scale);
        weights.release(shift);
        return norm;
    }

    private OwnedTensor copy(String name, long... as) throws ModelProblem {
        StoredTensor stored = weights.get(name);
        try (TensorScope _ = TensorScope.open()) {
            OwnedTensor copy = weight(stored, as).copy(compute);
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
