package sightline.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every tensor that a model has, by canonical name, with its shape.
 *
 * @param required must be there
 * @param allowed may be there and is not read
 */
record TensorPlan(Map<String, List<Long>> required, Map<String, List<Long>> allowed) {
    static final String LM_HEAD = "language_model.lm_head.weight";
    static final String EMBEDDING = "language_model.model.embed_tokens.weight";

    static TensorPlan of(LlavaConfig config) {
        var shapes = new LinkedHashMap<String, List<Long>>();
        clip(config.vision(), shapes);
        projector(config, shapes);
        gemma(config.text(), shapes);
        List<Long> head = List.of((long) config.text().vocab(), (long) config.text().hidden());
        if (config.text().tied())
            return new TensorPlan(shapes, Map.of(LM_HEAD, head)); // a copy of the embedding, left out as a rule
        shapes.put(LM_HEAD, head);
        return new TensorPlan(shapes, Map.of());
    }

    private static void gemma(TextConfig text, Map<String, List<Long>> shapes) {
        long hidden = text.hidden();
        long queries = (long) text.heads() * text.headDim();
        long keys = (long) text.kvHeads() * text.headDim();
        shapes.put(EMBEDDING, List.of((long) text.vocab(), hidden));
        for (int i = 0; i < text.layers(); i++) {
            var layer = "language_model.model.layers." + i + ".";
            shapes.put(layer + "input_layernorm.weight", List.of(hidden));
            shapes.put(layer + "self_attn.q_proj.weight", List.of(queries, hidden));
            shapes.put(layer + "self_attn.k_proj.weight", List.of(keys, hidden));
            shapes.put(layer + "self_attn.v_proj.weight", List.of(keys, hidden));
            shapes.put(layer + "self_attn.o_proj.weight", List.of(hidden, queries));
            shapes.put(layer + "post_attention_layernorm.weight", List.of(hidden));
            shapes.put(layer + "mlp.gate_proj.weight", List.of((long) text.intermediate(), hidden));
            shapes.put(layer + "mlp.up_proj.weight", List.of((long) text.intermediate(), hidden));
            shapes.put(layer + "mlp.down_proj.weight", List.of(hidden, (long) text.intermediate()));
        }
        shapes.put("language_model.model.norm.weight", List.of(hidden));
    }

    private static void clip(VisionConfig vision, Map<String, List<Long>> shapes) {
        long hidden = vision.hidden();
        long patch = vision.patchSize();
        var tower = "vision_tower.vision_model.";
        shapes.put(tower + "embeddings.class_embedding", List.of(hidden));
        shapes.put(tower + "embeddings.patch_embedding.weight", List.of(hidden, 3L, patch, patch));
        shapes.put(tower + "embeddings.position_embedding.weight", List.of((long) vision.rows(), hidden));
        affine(tower + "pre_layrnorm", List.of(hidden), hidden, shapes); // so spelled in the files
        for (int i = 0; i < vision.layers(); i++)
            clipLayer(tower + "encoder.layers." + i + ".", hidden, vision.intermediate(), shapes);
        affine(tower + "post_layernorm", List.of(hidden), hidden, shapes);
    }

    private static void clipLayer(String layer, long hidden, long intermediate, Map<String, List<Long>> shapes) {
        for (String projection : List.of("k_proj", "v_proj", "q_proj", "out_proj"))
            affine(layer + "self_attn." + projection, List.of(hidden, hidden), hidden, shapes);
        affine(layer + "layer_norm1", List.of(hidden), hidden, shapes);
        affine(layer + "mlp.fc1", List.of(intermediate, hidden), intermediate, shapes);
        affine(layer + "mlp.fc2", List.of(hidden, intermediate), hidden, shapes);
        affine(layer + "layer_norm2", List.of(hidden), hidden, shapes);
    }

    private static void projector(LlavaConfig config, Map<String, List<Long>> shapes) {
        long out = config.text().hidden();
        for (var linear : Map.of("linear_1", (long) config.projectorInput(), "linear_2", out).entrySet()) {
            shapes.put("multi_modal_projector." + linear.getKey() + ".weight", List.of(out, linear.getValue()));
            if (config.projectorBias())
                shapes.put("multi_modal_projector." + linear.getKey() + ".bias", List.of(out));
        }
    }

    private static void affine(String name, List<Long> weight, long bias, Map<String, List<Long>> shapes) {
        shapes.put(name + ".weight", weight);
        shapes.put(name + ".bias", List.of(bias));
    }
}
