package sightline.language.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import sightline.model.ModelProblem;
import sightline.model.StoredTensor;
import sightline.model.TextConfig;
import sightline.model.Weights;
import sightline.torch.Activation;
import sightline.torch.DType;
import sightline.torch.GatedLinear;
import sightline.torch.NonFiniteWeightException;
import sightline.torch.RmsNorm;
import sightline.torch.Rope;
import sightline.torch.TileLinear;
import sightline.torch.Weight;

/**
 * Makes a {@link Gemma} from the tensors of a checkpoint; each is unmapped as soon as it is packed, but for the
 * embedding, whose rows are read from the file as long as the model lives.
 */
final class GemmaWeights {
    private static final String MODEL = "language_model.model.";
    private static final String EMBEDDING = MODEL + "embed_tokens.weight";

    private final Weights weights;
    private final TextConfig shape;
    private final DType compute;

    GemmaWeights(Weights weights, TextConfig shape, DType compute) {
        this.weights = weights;
        this.shape = shape;
        this.compute = compute;
    }

    /**
     * Reads and packs all weights.
     *
     * @param positions the longest sequence that will be asked for, padding included
     * @param loaded told the number of layers done
     * @throws ModelProblem if a tensor cannot be read, or holds NaN or infinity
     */
    Gemma load(int positions, IntConsumer loaded) throws ModelProblem {
        try {
            var embedding = weight(weights.get(EMBEDDING));
            var layers = new ArrayList<DecoderLayer>();
            for (int i = 0; i < shape.layers(); i++) {
                layers.add(layer(i));
                loaded.accept(i + 1);
            }
            var head = shape.tied() ? TileLinear.pack(compute, embedding) : linear("language_model.lm_head.weight");
            return new Gemma(weights, compute, TokenTable.of(embedding, compute),
                    Rope.tables(compute, positions, shape.headDim(), shape.ropeTheta()), layers,
                    norm(MODEL + "norm.weight"), head);
        } catch (NonFiniteWeightException e) {
            throw new ModelProblem(String.valueOf(e.getMessage()));
        }
    }

    private DecoderLayer layer(int index) throws ModelProblem {
        var layer = MODEL + "layers." + index + ".";
        var attention = layer + "self_attn.";
        return new DecoderLayer(index, shape,
                norm(layer + "input_layernorm.weight"),
                linear(attention + "q_proj.weight"),
                linear(attention + "k_proj.weight", attention + "v_proj.weight"),
                linear(attention + "o_proj.weight"),
                norm(layer + "post_attention_layernorm.weight"),
                gated(layer + "mlp.gate_proj.weight", layer + "mlp.up_proj.weight"),
                linear(layer + "mlp.down_proj.weight"));
    }

    /** Packs matrices that read the same input as one. */
    private TileLinear linear(String... names) throws ModelProblem {
        var stored = stored(names);
        var packed = TileLinear.pack(compute, stored.stream().map(GemmaWeights::weight).toList(), List.of());
        stored.forEach(weights::release);
        return packed;
    }

    private GatedLinear gated(String gate, String up) throws ModelProblem {
        var stored = stored(gate, up);
        var packed = GatedLinear.pack(compute, weight(stored.getFirst()), weight(stored.getLast()), activation());
        stored.forEach(weights::release);
        return packed;
    }

    private RmsNorm norm(String name) throws ModelProblem {
        var stored = stored(name).getFirst();
        var norm = RmsNorm.gemma(weight(stored), shape.normEps());
        weights.release(stored);
        return norm;
    }

    private List<StoredTensor> stored(String... names) throws ModelProblem {
        var stored = new ArrayList<StoredTensor>();
        for (String name : names) {
            stored.add(weights.get(name));
        }
        return stored;
    }

    private Activation activation() {
        return switch (shape.activation()) {
            case GELU_ERF -> Activation.GELU_ERF;
            case GELU_TANH -> Activation.GELU_TANH;
            case QUICK_GELU -> Activation.QUICK_GELU;
            case SILU -> Activation.SILU;
        };
    }

    private static Weight weight(StoredTensor stored) {
        long[] shape = stored.shape().stream().mapToLong(Long::longValue).toArray();
        return Weight.stored(stored.name(), stored.bytes(), dtype(stored), shape);
    }

    private static DType dtype(StoredTensor stored) {
        return switch (stored.type()) {
            case F32 -> DType.FLOAT32;
            case BF16 -> DType.BFLOAT16;
            case F16 -> DType.FLOAT16;
        };
    }
}
