package sightline.deploy.synth;

/** The config.json of a shape, with the fields that transformers 4 writes for a LLaVA-Gemma. */
final class LlavaGemmaConfig {

    private LlavaGemmaConfig() {}

    static String json(LlavaGemmaShape shape) {
        return """
                {
                  "architectures": ["LlavaForConditionalGeneration"],
                  "image_seq_length": %d,
                  "image_token_index": %d,
                  "model_type": "llava",
                  "multimodal_projector_bias": true,
                  "projector_hidden_act": "gelu",
                  "text_config": %s,
                  "tie_word_embeddings": true,
                  "torch_dtype": "bfloat16",
                  "vision_config": %s,
                  "vision_feature_layer": -2,
                  "vision_feature_select_strategy": "default"
                }
                """.formatted(shape.vision().positions() - 1, shape.imageTokenId(), text(shape.text()),
                vision(shape.vision()));
    }

    private static String text(LlavaGemmaShape.Text text) {
        return """
                {
                  "attention_bias": false,
                  "head_dim": %d,
                  "hidden_act": "gelu_pytorch_tanh",
                  "hidden_activation": "gelu_pytorch_tanh",
                  "hidden_size": %d,
                  "intermediate_size": %d,
                  "max_position_embeddings": %d,
                  "model_type": "gemma",
                  "num_attention_heads": %d,
                  "num_hidden_layers": %d,
                  "num_key_value_heads": 1,
                  "rms_norm_eps": 1e-06,
                  "rope_theta": 10000.0,
                  "vocab_size": %d
                }""".formatted(text.headSize(), text.hidden(), text.intermediate(), text.positions(), text.heads(),
                text.layers(), text.vocabulary());
    }

    private static String vision(LlavaGemmaShape.Vision vision) {
        return """
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
                }""".formatted(vision.hidden(), vision.imageSize(), vision.intermediate(), vision.heads(),
                vision.layers(),
                vision.patchSize(), vision.hidden());
    }
}
