package sightline.model;

import java.util.Optional;
import java.util.stream.Stream;

/** Reads the language model's part of a configuration; missing fields mean what transformers 4.57.6 takes for them. */
final class TextConfigReader {
    private static final int MAX_VOCABULARY = 1 << 22;
    private static final int MAX_HIDDEN = 1 << 16;
    private static final int MAX_INTERMEDIATE = 1 << 18;
    private static final int MAX_LAYERS = 1 << 10;
    private static final int MAX_HEADS = 1 << 10;
    private static final int MAX_HEAD_DIM = 1 << 12;
    private static final int MAX_POSITIONS = 1 << 24;

    private final JsonSection json;

    private TextConfigReader(JsonSection json) {
        this.json = json;
    }

    static TextConfig read(LanguageFamily family, JsonSection json) {
        var reader = new TextConfigReader(json);
        var text = switch (family) {
            case GEMMA -> reader.gemma();
            case LLAMA -> reader.llama();
            case PHI -> reader.phi();
        };
        reader.check(text);
        return text;
    }

    /** As GemmaConfig. */
    private TextConfig gemma() {
        json.refuseUnlessAbsentOrFalse("attention_bias");
        int headDim = json.size("head_dim", 256, MAX_HEAD_DIM);
        // hidden_activation is not read: GemmaMLP of 4.57.6 uses hidden_act alone.
        return new TextConfig(LanguageFamily.GEMMA, vocabulary(256_000), hidden(3072), intermediate(24_576),
                layers(28), heads(16), kvHeads(16), headDim, headDim, positions(8192),
                json.positive("rms_norm_eps", 1e-6), ropeTheta(), unscaled(),
                json.activation("hidden_act", Activation.GELU_TANH),
                json.flag("tie_word_embeddings", true));
    }

    /** As LlamaConfig. */
    private TextConfig llama() {
        json.refuseUnlessAbsentOrFalse("attention_bias");
        json.refuseUnlessAbsentOrFalse("mlp_bias");
        int headDim = headDim(hidden(4096), heads(32));
        return new TextConfig(LanguageFamily.LLAMA, vocabulary(32_000), hidden(4096), intermediate(11_008),
                layers(32), heads(32), kvHeads(heads(32)), headDim, headDim, positions(2048),
                json.positive("rms_norm_eps", 1e-6), ropeTheta(), scaling(),
                json.activation("hidden_act", Activation.SILU),
                json.flag("tie_word_embeddings", false));
    }

    /** As PhiConfig. */
    private TextConfig phi() {
        json.refuseUnlessAbsentOrFalse("qk_layernorm");
        int headDim = headDim(hidden(2048), heads(32));
        return new TextConfig(LanguageFamily.PHI, vocabulary(51_200), hidden(2048), intermediate(8192), layers(24),
                heads(32), kvHeads(heads(32)), headDim, rotaryDim(headDim), positions(2048),
                json.positive("layer_norm_eps", 1e-5), ropeTheta(), unscaled(),
                json.activation("hidden_act", Activation.GELU_TANH), json.flag("tie_word_embeddings", false));
    }

    private int vocabulary(int fallback) {
        return json.size("vocab_size", fallback, MAX_VOCABULARY);
    }

    private int hidden(int fallback) {
        return json.size("hidden_size", fallback, MAX_HIDDEN);
    }

    private int intermediate(int fallback) {
        return json.size("intermediate_size", fallback, MAX_INTERMEDIATE);
    }

    private int layers(int fallback) {
        return json.size("num_hidden_layers", fallback, MAX_LAYERS);
    }

    private int heads(int fallback) {
        return json.size("num_attention_heads", fallback, MAX_HEADS);
    }

    private int kvHeads(int fallback) {
        return json.size("num_key_value_heads", fallback, MAX_HEADS);
    }

    private int positions(int fallback) {
        return json.size("max_position_embeddings", fallback, MAX_POSITIONS);
    }

    private int headDim(int hidden, int heads) {
        return json.size("head_dim", Math.max(1, hidden / heads), MAX_HEAD_DIM);
    }

    /** At the top in 4.x, inside {@code rope_parameters} in 5.x. */
    private int rotaryDim(int headDim) {
        double written = json.positive("partial_rotary_factor", 0.5);
        double factor = rope5().map(rope -> rope.positive("partial_rotary_factor", written)).orElse(written);
        int columns = (int) (headDim * factor);
        if (columns >= 2 && columns <= headDim && columns % 2 == 0)
            return columns;
        json.problem("partial_rotary_factor", factor, "an even number of a head's " + headDim + " columns");
        return headDim;
    }

    /** At the top in 4.x, inside {@code rope_parameters} in 5.x. */
    private double ropeTheta() {
        double fallback = json.positive("rope_theta", 10_000);
        return rope5().map(rope -> rope.positive("rope_theta", fallback)).orElse(fallback);
    }

    private Optional<JsonSection> rope5() {
        return json.section("rope_parameters");
    }

    /** In a section of its own in 4.x, inside {@code rope_parameters} in 5.x. */
    private RopeScaling scaling() {
        return rope5().or(() -> json.section("rope_scaling"))
                .map(TextConfigReader::scaling)
                .orElse(RopeScaling.NONE);
    }

    /** Of a family of which no scaled checkpoint is known. */
    private RopeScaling unscaled() {
        Stream.of(json.section("rope_scaling"), rope5())
                .flatMap(Optional::stream)
                .filter(rope -> !ropeType(rope).equals("default"))
                .forEach(rope -> rope.problem("rope_type", ropeType(rope), "default"));
        return RopeScaling.NONE;
    }

    private static RopeScaling scaling(JsonSection rope) {
        var type = ropeType(rope);
        return switch (type) {
            case "default" -> RopeScaling.NONE;
            case "linear" -> new RopeScaling.Linear(required(rope, "factor"));
            case "llama3" -> llama3(rope);
            default -> {
                rope.problem("rope_type", type, "default, linear or llama3");
                yield RopeScaling.NONE;
            }
        };
    }

    private static RopeScaling llama3(JsonSection rope) {
        double low = required(rope, "low_freq_factor");
        double high = required(rope, "high_freq_factor");
        if (high <= low)
            rope.problem("high_freq_factor", high, "above low_freq_factor " + low);
        requirePresent(rope, "original_max_position_embeddings");
        return new RopeScaling.Llama3(required(rope, "factor"), low, high,
                rope.size("original_max_position_embeddings", MAX_POSITIONS, MAX_POSITIONS));
    }

    private static double required(JsonSection rope, String key) {
        requirePresent(rope, key);
        return rope.positive(key, 1);
    }

    private static void requirePresent(JsonSection rope, String key) {
        if (!rope.has(key))
            rope.problem(key, "nothing", "a number above 0");
    }

    /** Where both stand there, LlamaConfig takes the older name. */
    private static String ropeType(JsonSection rope) {
        return rope.text("type").or(() -> rope.text("rope_type")).orElse("default");
    }

    private void check(TextConfig text) {
        if (text.heads() % text.kvHeads() != 0)
            json.problem("num_key_value_heads", text.kvHeads(), "a divisor of num_attention_heads " + text.heads());
        if (text.headDim() % 2 != 0)
            json.problem("head_dim", text.headDim(), "an even number");
    }
}
