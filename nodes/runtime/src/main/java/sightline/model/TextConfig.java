package sightline.model;

/**
 * The shape of the language model.
 *
 * @param vocab rows of the embedding
 * @param intermediate width of the MLP
 * @param headDim independent of {@code hidden / heads}
 * @param maxPositions the longest sequence
 * @param normEps of RMSNorm
 * @param tied whether the output head is the embedding
 */
public record TextConfig(LanguageFamily family, int vocab, int hidden, int intermediate, int layers, int heads,
        int kvHeads, int headDim, int maxPositions, double normEps, double ropeTheta, Activation activation,
        boolean tied) {

    /** Missing fields mean what GemmaConfig of transformers 4.57.6 takes for them. */
    static TextConfig readGemma(JsonSection json) {
        json.refuseUnlessAbsentOrFalse("attention_bias");
        // hidden_activation is not read: GemmaMLP of 4.57.6 uses hidden_act alone.
        var text = new TextConfig(LanguageFamily.GEMMA, json.size("vocab_size", 256_000, 1 << 22),
                json.size("hidden_size", 3072, 1 << 16), json.size("intermediate_size", 24_576, 1 << 18),
                json.size("num_hidden_layers", 28, 1 << 10), json.size("num_attention_heads", 16, 1 << 10),
                json.size("num_key_value_heads", 16, 1 << 10), json.size("head_dim", 256, 1 << 12),
                json.size("max_position_embeddings", 8192, 1 << 24), json.positive("rms_norm_eps", 1e-6),
                ropeTheta(json), json.activation("hidden_act", Activation.GELU_TANH),
                json.flag("tie_word_embeddings", true));
        if (text.heads % text.kvHeads != 0)
            json.problem("num_key_value_heads", text.kvHeads, "a divisor of num_attention_heads " + text.heads);
        if (text.headDim % 2 != 0)
            json.problem("head_dim", text.headDim, "an even number");
        return text;
    }

    /** At the top in 4.x, inside {@code rope_parameters} in 5.x. */
    private static double ropeTheta(JsonSection json) {
        double fallback = json.positive("rope_theta", 10_000);
        json.section("rope_scaling").ifPresent(TextConfig::refuseScaling);
        var nested = json.section("rope_parameters");
        nested.ifPresent(TextConfig::refuseScaling);
        return nested.map(rope -> rope.positive("rope_theta", fallback)).orElse(fallback);
    }

    private static void refuseScaling(JsonSection rope) {
        var type = rope.text("rope_type").or(() -> rope.text("type")).orElse("default");
        if (!type.equals("default"))
            rope.problem("rope_type", type, "default");
    }
}
