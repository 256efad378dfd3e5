package sightline.deploy.synth;

import java.util.ArrayList;
import java.util.List;

import sightline.deploy.synth.TensorSpec.Fill;

/** Every tensor of a LLaVA-Gemma checkpoint under its published name (key layout of transformers 4), scaled so that answers do not degenerate. */
final class LlavaGemmaTensors {

    /*
     * Weights are normal with deviation 1/sqrt(fan-in), so that a normalized input gives an output of unit variance.
     * That alone degenerates at true depth; four things depart from it, each found by trying (18 and 24 layers):
     * - The last norm multiplies by +-LOGIT_GAIN (Gemma adds one to the stored weight). With tied embeddings and equal
     *   signs the token just read would win every step, its own embedding being still in the residual stream.
     * - Queries weigh more. With scores of deviation 1 attention averages over hundreds of positions, every layer makes
     *   the positions more alike, and after 18 layers the answer is one token whatever the picture.
     * - The decoder's branches weigh twice against the embedding, so that the context is seen beside the last token.
     * - The tower's branches weigh little: its GELU has a mean, which adds the same vector to all patches.
     */
    private static final double DECODER_BRANCH_GAIN = 2;
    private static final double DECODER_QUERY_GAIN = 4;
    private static final float LOGIT_GAIN = 4;
    private static final double TOWER_BRANCH_GAIN = 0.3;
    private static final double TOWER_QUERY_GAIN = 2;
    private static final double TOWER_POSITION_DEVIATION = 0.5;

    private final LlavaGemmaShape shape;
    private final List<TensorSpec> specs = new ArrayList<>();

    private LlavaGemmaTensors(LlavaGemmaShape shape) {
        this.shape = shape;
    }

    /** In the order in which they are written: vision tower, projector, decoder. */
    static List<TensorSpec> of(LlavaGemmaShape shape) {
        LlavaGemmaTensors tensors = new LlavaGemmaTensors(shape);
        tensors.visionTower();
        tensors.projector();
        tensors.decoder();
        return List.copyOf(tensors.specs);
    }

    private void visionTower() {
        LlavaGemmaShape.Vision vision = shape.vision();
        String tower = "vision_tower.vision_model.";
        normal(tower + "embeddings.class_embedding", 1, vision.hidden());
        normal(tower + "embeddings.patch_embedding.weight",
                1 / Math.sqrt(3.0 * vision.patchSize() * vision.patchSize()),
                vision.hidden(), 3, vision.patchSize(), vision.patchSize());
        normal(tower + "embeddings.position_embedding.weight", TOWER_POSITION_DEVIATION, vision.positions(),
                vision.hidden());
        layerNorm(tower + "pre_layrnorm", vision.hidden());
        for (int layer = 0; layer < vision.layers(); layer++) {
            visionLayer(tower + "encoder.layers." + layer + ".", vision);
        }
        layerNorm(tower + "post_layernorm", vision.hidden());
    }

    private void visionLayer(String layer, LlavaGemmaShape.Vision vision) {
        biasedLinear(layer + "self_attn.q_proj", TOWER_QUERY_GAIN, vision.hidden(), vision.hidden());
        biasedLinear(layer + "self_attn.k_proj", 1, vision.hidden(), vision.hidden());
        biasedLinear(layer + "self_attn.v_proj", 1, vision.hidden(), vision.hidden());
        biasedLinear(layer + "self_attn.out_proj", TOWER_BRANCH_GAIN, vision.hidden(), vision.hidden());
        layerNorm(layer + "layer_norm1", vision.hidden());
        biasedLinear(layer + "mlp.fc1", 1, vision.intermediate(), vision.hidden());
        biasedLinear(layer + "mlp.fc2", TOWER_BRANCH_GAIN, vision.hidden(), vision.intermediate());
        layerNorm(layer + "layer_norm2", vision.hidden());
    }

    /** Ends in rows of the embedding's own scale: the decoder multiplies both by sqrt(hidden). */
    private void projector() {
        int hidden = shape.text().hidden();
        biasedLinear("multi_modal_projector.linear_1", 1, hidden, shape.vision().hidden());
        normal("multi_modal_projector.linear_2.weight", 1.0 / hidden, hidden, hidden);
        constant("multi_modal_projector.linear_2.bias", 0, hidden);
    }

    private void decoder() {
        LlavaGemmaShape.Text text = shape.text();
        String model = "language_model.model.";
        normal(model + "embed_tokens.weight", 1 / Math.sqrt(text.hidden()), text.vocabulary(), text.hidden());
        for (int layer = 0; layer < text.layers(); layer++) {
            decoderLayer(model + "layers." + layer + ".", text);
        }
        specs.add(new TensorSpec(model + "norm.weight", List.of(text.hidden()),
                new Fill.EitherOf(LOGIT_GAIN - 1, -LOGIT_GAIN - 1)));
    }

    private void decoderLayer(String layer, LlavaGemmaShape.Text text) {
        int queries = text.heads() * text.headSize();
        constant(layer + "input_layernorm.weight", 0, text.hidden());
        linear(layer + "self_attn.q_proj", DECODER_QUERY_GAIN, queries, text.hidden());
        linear(layer + "self_attn.k_proj", 1, text.headSize(), text.hidden());
        linear(layer + "self_attn.v_proj", 1, text.headSize(), text.hidden());
        linear(layer + "self_attn.o_proj", DECODER_BRANCH_GAIN, text.hidden(), queries);
        constant(layer + "post_attention_layernorm.weight", 0, text.hidden());
        linear(layer + "mlp.gate_proj", 1, text.intermediate(), text.hidden());
        linear(layer + "mlp.up_proj", 1, text.intermediate(), text.hidden());
        linear(layer + "mlp.down_proj", DECODER_BRANCH_GAIN, text.hidden(), text.intermediate());
    }

    private void biasedLinear(String name, double gain, int out, int in) {
        linear(name, gain, out, in);
        constant(name + ".bias", 0, out);
    }

    private void linear(String name, double gain, int out, int in) {
        normal(name + ".weight", gain / Math.sqrt(in), out, in);
    }

    private void layerNorm(String name, int hidden) {
        constant(name + ".weight", 1, hidden);
        constant(name + ".bias", 0, hidden);
    }

    private void normal(String name, double deviation, Integer... sizes) {
        specs.add(new TensorSpec(name, List.of(sizes), new Fill.Normal(deviation)));
    }

    private void constant(String name, float value, Integer... sizes) {
        specs.add(new TensorSpec(name, List.of(sizes), new Fill.Constant(value)));
    }
}
