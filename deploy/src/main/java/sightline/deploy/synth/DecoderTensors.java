package sightline.deploy.synth;

/** The tensors of a decoder under their published names, scaled so that answers do not degenerate. */
final class DecoderTensors {

    /*
     * Found by trying Gemma's 18 layers:
     * - The last norm of a tied head multiplies by +-LOGIT_GAIN (Gemma adds one to the stored weight). With equal signs
     *   the token just read would win every step, its own embedding being still in the residual stream. A head of its own
     *   has that gain itself.
     * - Queries weigh more. With scores of deviation 1 attention averages over hundreds of positions, every layer makes
     *   the positions more alike, and after 18 layers the answer is one token whatever the picture.
     * - Branches weigh twice against the embedding, so that the context is seen beside the last token.
     */
    private static final double BRANCH_GAIN = 2;
    private static final double QUERY_GAIN = 4;
    private static final float LOGIT_GAIN = 4;
    private static final String MODEL = "language_model.model.";
    private static final String HEAD = "language_model.lm_head";

    private final LlavaShape.Text text;
    private final TensorList tensors;

    private DecoderTensors(LlavaShape.Text text, TensorList tensors) {
        this.text = text;
        this.tensors = tensors;
    }

    /** Rows that have variance 1 as they enter the first layer; Gemma multiplies them by sqrt(hidden) before. */
    static double embeddingDeviation(LlavaShape.Text text) {
        return switch (text.family()) {
            case GEMMA -> 1 / Math.sqrt(text.hidden());
            case LLAMA, PHI -> 1;
        };
    }

    static void add(LlavaShape.Text text, TensorList tensors) {
        new DecoderTensors(text, tensors).add();
    }

    private void add() {
        tensors.normal(MODEL + "embed_tokens.weight", embeddingDeviation(text), text.vocabulary(), text.hidden());
        for (int i = 0; i < text.layers(); i++) {
            String layer = MODEL + "layers." + i + ".";
            switch (text.family()) {
                case GEMMA -> serialLayer(layer, 0);
                case LLAMA -> serialLayer(layer, 1);
                case PHI -> parallelLayer(layer);
            }
        }
        switch (text.family()) {
            case GEMMA -> tensors.eitherOf(MODEL + "norm.weight", LOGIT_GAIN - 1, -LOGIT_GAIN - 1, text.hidden());
            case LLAMA -> {
                tensors.constant(MODEL + "norm.weight", 1, text.hidden());
                tensors.linear(HEAD, LOGIT_GAIN, text.vocabulary(), text.hidden());
            }
            case PHI -> {
                tensors.layerNorm(MODEL + "final_layernorm", text.hidden());
                tensors.biasedLinear(HEAD, LOGIT_GAIN, text.vocabulary(), text.hidden());
            }
        }
    }

    /** @param norm the stored weight by which a norm multiplies by one */
    private void serialLayer(String layer, float norm) {
        tensors.constant(layer + "input_layernorm.weight", norm, text.hidden());
        tensors.linear(layer + "self_attn.q_proj", QUERY_GAIN, text.queryWidth(), text.hidden());
        tensors.linear(layer + "self_attn.k_proj", 1, text.keyWidth(), text.hidden());
        tensors.linear(layer + "self_attn.v_proj", 1, text.keyWidth(), text.hidden());
        tensors.linear(layer + "self_attn.o_proj", BRANCH_GAIN, text.hidden(), text.queryWidth());
        tensors.constant(layer + "post_attention_layernorm.weight", norm, text.hidden());
        tensors.linear(layer + "mlp.gate_proj", 1, text.intermediate(), text.hidden());
        tensors.linear(layer + "mlp.up_proj", 1, text.intermediate(), text.hidden());
        tensors.linear(layer + "mlp.down_proj", BRANCH_GAIN, text.hidden(), text.intermediate());
    }

    /** Its GELU has a mean, which adds the same vector to all positions: that branch weighs less. */
    private void parallelLayer(String layer) {
        tensors.layerNorm(layer + "input_layernorm", text.hidden());
        tensors.biasedLinear(layer + "self_attn.q_proj", QUERY_GAIN, text.queryWidth(), text.hidden());
        tensors.biasedLinear(layer + "self_attn.k_proj", 1, text.keyWidth(), text.hidden());
        tensors.biasedLinear(layer + "self_attn.v_proj", 1, text.keyWidth(), text.hidden());
        tensors.biasedLinear(layer + "self_attn.dense", BRANCH_GAIN, text.hidden(), text.queryWidth());
        tensors.biasedLinear(layer + "mlp.fc1", 1, text.intermediate(), text.hidden());
        tensors.biasedLinear(layer + "mlp.fc2", BRANCH_GAIN / 2, text.hidden(), text.intermediate());
    }
}
