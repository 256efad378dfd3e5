package sightline.language.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import sightline.model.ModelProblem;
import sightline.model.TextConfig;
import sightline.model.Weights;
import sightline.torch.Linears;
import sightline.torch.NonFiniteWeightException;
import sightline.torch.Norm;
import sightline.torch.Rope;
import sightline.torch.TileLinear;
import sightline.torch.Weight;

/**
 * Makes the parts of a decoder from the tensors of a checkpoint, by the names and the order of its family; only the
 * embedding, whose rows are read from the file as long as the model lives, stays mapped.
 */
final class DecoderWeights {
    private static final String MODEL = "language_model.model.";
    private static final String HEAD = "language_model.lm_head";

    private final Weights weights;
    private final TextConfig shape;
    private final Linears linears;
    private final Linears headLinears;
    private final LayerWeights parts;

    DecoderWeights(Weights weights, TextConfig shape, Linears linears, Linears headLinears) {
        this.weights = weights;
        this.shape = shape;
        this.linears = linears;
        this.headLinears = headLinears;
        this.parts = new LayerWeights(weights, shape, linears);
    }

    /**
     * Reads and packs the weights of some layers.
     *
     * @param positions the longest sequence that will be asked for, padding included
     * @param loaded told the number of layers done
     * @throws ModelProblem if a tensor cannot be read, or holds NaN or infinity
     */
    LayerStack layers(LayerRange range, int positions, IntConsumer loaded) throws ModelProblem {
        try {
            var compute = linears.compute();
            var layers = new ArrayList<DecoderLayer>();
            for (int i = range.from(); i < range.to(); i++) {
                layers.add(layer(i, i - range.from()));
                loaded.accept(layers.size());
            }
            return new LayerStack(range, compute,
                    Rope.tables(compute, positions, shape.rotaryDim(), shape.ropeTheta(), shape.ropeScaling()::of),
                    layers);
        } catch (NonFiniteWeightException e) {
            throw new ModelProblem(String.valueOf(e.getMessage()));
        }
    }

    /**
     * Reads what knows the vocabulary, which takes the mapped weights over.
     *
     * @throws ModelProblem if a tensor cannot be read, or holds NaN or infinity
     */
    Vocabulary vocabulary() throws ModelProblem {
        try {
            var embedding = parts.mapped(MODEL + "embed_tokens.weight");
            return new Vocabulary(weights, TokenTable.of(embedding, linears.compute(), embeddingFactor()), finalNorm(),
                    head(embedding));
        } catch (NonFiniteWeightException e) {
            throw new ModelProblem(String.valueOf(e.getMessage()));
        }
    }

    // Applies to image rows too:
    // https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/gemma/modeling_gemma.py#L383-L387
    private double embeddingFactor() {
        return switch (shape.family()) {
            case GEMMA -> Math.sqrt(shape.hidden());
            case LLAMA, PHI -> 1;
        };
    }

    /** @param place of the layer in its stack */
    private DecoderLayer layer(int index, int place) throws ModelProblem {
        var layer = MODEL + "layers." + index + ".";
        return switch (shape.family()) {
            case GEMMA, LLAMA -> serial(place, layer);
            case PHI -> parallel(place, layer);
        };
    }

    private DecoderLayer serial(int place, String layer) throws ModelProblem {
        var attention = layer + "self_attn.";
        return new DecoderLayer(parts.norm(layer + "input_layernorm"),
                new SelfAttention(place, shape,
                        parts.linear(attention + "q_proj"),
                        parts.linear(attention + "k_proj", attention + "v_proj"),
                        parts.linear(attention + "o_proj")),
                new SerialFeedForward(parts.norm(layer + "post_attention_layernorm"),
                        parts.gated(layer + "mlp.gate_proj", layer + "mlp.up_proj"),
                        parts.linear(layer + "mlp.down_proj")));
    }

    private DecoderLayer parallel(int place, String layer) throws ModelProblem {
        var attention = layer + "self_attn.";
        return new DecoderLayer(parts.norm(layer + "input_layernorm"),
                new SelfAttention(place, shape,
                        parts.affine(attention + "q_proj"),
                        parts.affine(attention + "k_proj", attention + "v_proj"),
                        parts.affine(attention + "dense")),
                new ParallelFeedForward(parts.affine(layer + "mlp.fc1").then(parts.activation()),
                        parts.affine(layer + "mlp.fc2")));
    }

    private Norm finalNorm() throws ModelProblem {
        return parts.norm(MODEL + switch (shape.family()) {
            case GEMMA, LLAMA -> "norm";
            case PHI -> "final_layernorm";
        });
    }

    private TileLinear head(Weight embedding) throws ModelProblem {
        return weights.has(HEAD + ".bias") ? headWithBias(embedding) : headWithoutBias(embedding);
    }

    private TileLinear headWithoutBias(Weight embedding) throws ModelProblem {
        return shape.tied() ? headLinears.linear(embedding) : headParts().linear(HEAD);
    }

    private TileLinear headWithBias(Weight embedding) throws ModelProblem {
        return shape.tied()
                ? headLinears.linear(List.of(embedding), List.of(parts.mapped(HEAD + ".bias")))
                : headParts().affine(HEAD);
    }

    private LayerWeights headParts() {
        return new LayerWeights(weights, shape, headLinears);
    }
}
