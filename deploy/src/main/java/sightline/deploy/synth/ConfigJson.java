package sightline.deploy.synth;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;

/** The config.json of a shape, with the fields that transformers 4 writes. */
final class ConfigJson {

    /** Of the 80 columns of a head of Phi-2, the first 32 are turned by position. */
    private static final double PHI_ROTARY = 0.4;

    private ConfigJson() {}

    static JsonObject of(LlavaShape shape) {
        boolean tied = shape.text().family() == LlavaShape.Family.GEMMA;
        JsonObject config = JsonParser.parseString("""
                {
                  "architectures": ["LlavaForConditionalGeneration"],
                  "image_seq_length": %d,
                  "image_token_index": %d,
                  "model_type": "llava",
                  "multimodal_projector_bias": true,
                  "projector_hidden_act": "gelu",
                  "tie_word_embeddings": %b,
                  "torch_dtype": "bfloat16",
                  "vision_feature_layer": -2,
                  "vision_feature_select_strategy": "default"
                }
                """.formatted(shape.vision().positions() - 1, shape.imageTokenId(), tied)).getAsJsonObject();
        JsonObject text = text(shape.text());
        text.addProperty("tie_word_embeddings", tied);
        config.add("text_config", text);
        config.add("vision_config", vision(shape.vision()));
        return config;
    }

    private static JsonObject text(LlavaShape.Text text) {
        JsonObject config = JsonParser.parseString(switch (text.family()) {
            case GEMMA -> """
                    {"model_type": "gemma", "attention_bias": false, "hidden_act": "gelu_pytorch_tanh",
                     "hidden_activation": "gelu_pytorch_tanh", "rms_norm_eps": 1e-06}""";
            case LLAMA -> """
                    {"model_type": "llama", "attention_bias": false, "hidden_act": "silu", "rms_norm_eps": 1e-05,
                     "bos_token_id": 1, "eos_token_id": 2}""";
            case PHI -> """
                    {"model_type": "phi", "hidden_act": "gelu_new", "layer_norm_eps": 1e-05, "qk_layernorm": false,
                     "bos_token_id": 0, "eos_token_id": 0}""";
        }).getAsJsonObject();
        switch (text.family()) {
            case GEMMA, LLAMA -> config.addProperty("head_dim", text.headSize());
            case PHI -> config.addProperty("partial_rotary_factor", PHI_ROTARY);
        }
        config.addProperty("hidden_size", text.hidden());
        config.addProperty("intermediate_size", text.intermediate());
        config.addProperty("max_position_embeddings", text.positions());
        config.addProperty("num_attention_heads", text.heads());
        config.addProperty("num_hidden_layers", text.layers());
        config.addProperty("num_key_value_heads", text.keyValueHeads());
        config.addProperty("rope_theta", 10_000.0);
        config.addProperty("vocab_size", text.vocabulary());
        return config;
    }

    private static JsonObject vision(LlavaShape.Vision vision) {
        return JsonParser.parseString("""
                {
                  "hidden_act": "quick_gelu",
                  "hidden_size": %d,
                  "image_size": %d,
                  "intermediate_size": %d,
                  "layer_norm_eps": 1e-05,
                  "model_type": "clip_vision_model",
                  "num_attention_heads": %d,
                  "num_channels": 3,
                  "num_hidden_layers": %d,
                  "patch_size": %d,
                  "projection_dim": %d
                }
                """.formatted(vision.hidden(), vision.imageSize(), vision.intermediate(), vision.heads(),
                vision.layers(), vision.patchSize(), vision.hidden())).getAsJsonObject();
    }
}
