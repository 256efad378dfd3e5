package sightline.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tensors of a vision tower, by canonical name, with their shapes.
 *
 * @param read must be there
 * @param unread may be there: what pools or trains a tower and is no part of its hidden states
 */
record TowerTensors(Map<String, List<Long>> read, Map<String, List<Long>> unread) {
    private static final String TOWER = "vision_tower.vision_model.";

    static TowerTensors of(VisionConfig vision) {
        var tensors = new TowerTensors(new LinkedHashMap<>(), new LinkedHashMap<>());
        switch (vision.family()) {
            case CLIP -> tensors.clip(vision);
            case DINOV2 -> tensors.dinov2(vision);
            case SIGLIP -> tensors.siglip(vision);
        }
        return tensors;
    }

    private void clip(VisionConfig vision) {
        long hidden = vision.hidden();
        long patch = vision.patchSize();
        read.put(TOWER + "embeddings.class_embedding", List.of(hidden));
        read.put(TOWER + "embeddings.patch_embedding.weight", List.of(hidden, 3L, patch, patch));
        read.put(TOWER + "embeddings.position_embedding.weight", List.of((long) vision.rows(), hidden));
        TensorPlan.affine(TOWER + "pre_layrnorm", read, hidden); // so spelled in the files
        clipLayers(vision);
        TensorPlan.affine(TOWER + "post_layernorm", read, hidden);
    }

    private void siglip(VisionConfig vision) {
        long hidden = vision.hidden();
        long patch = vision.patchSize();
        TensorPlan.affine(TOWER + "embeddings.patch_embedding", read, hidden, 3L, patch, patch);
        read.put(TOWER + "embeddings.position_embedding.weight", List.of((long) vision.rows(), hidden));
        clipLayers(vision);
        TensorPlan.affine(TOWER + "post_layernorm", read, hidden);
        var head = TOWER + "head.";
        unread.put(head + "probe", List.of(1L, 1L, hidden));
        unread.put(head + "attention.in_proj_weight", List.of(3 * hidden, hidden));
        unread.put(head + "attention.in_proj_bias", List.of(3 * hidden));
        TensorPlan.affine(head + "attention.out_proj", unread, hidden, hidden);
        TensorPlan.affine(head + "layernorm", unread, hidden);
        TensorPlan.affine(head + "mlp.fc1", unread, (long) vision.intermediate(), hidden);
        TensorPlan.affine(head + "mlp.fc2", unread, hidden, (long) vision.intermediate());
    }

    private void clipLayers(VisionConfig vision) {
        long hidden = vision.hidden();
        long intermediate = vision.intermediate();
        for (int i = 0; i < vision.layers(); i++) {
            var layer = TOWER + "encoder.layers." + i + ".";
            for (String projection : List.of("k_proj", "v_proj", "q_proj", "out_proj"))
                TensorPlan.affine(layer + "self_attn." + projection, read, hidden, hidden);
            TensorPlan.affine(layer + "layer_norm1", read, hidden);
            TensorPlan.affine(layer + "mlp.fc1", read, intermediate, hidden);
            TensorPlan.affine(layer + "mlp.fc2", read, hidden, intermediate);
            TensorPlan.affine(layer + "layer_norm2", read, hidden);
        }
    }

    private void dinov2(VisionConfig vision) {
        long hidden = vision.hidden();
        long patch = vision.patchSize();
        read.put(TOWER + "embeddings.cls_token", List.of(1L, 1L, hidden));
        unread.put(TOWER + "embeddings.mask_token", List.of(1L, hidden));
        read.put(TOWER + "embeddings.position_embeddings", List.of(1L, (long) vision.positions(), hidden));
        TensorPlan.affine(TOWER + "embeddings.patch_embeddings.projection", read, hidden, 3L, patch, patch);
        for (int i = 0; i < vision.layers(); i++)
            dinov2Layer(TOWER + "encoder.layer." + i + ".", hidden, vision.intermediate());
        TensorPlan.affine(TOWER + "layernorm", read, hidden);
    }

    private void dinov2Layer(String layer, long hidden, long intermediate) {
        TensorPlan.affine(layer + "norm1", read, hidden);
        for (String projection : List.of("attention.query", "attention.key", "attention.value", "output.dense"))
            TensorPlan.affine(layer + "attention." + projection, read, hidden, hidden);
        read.put(layer + "layer_scale1.lambda1", List.of(hidden));
        TensorPlan.affine(layer + "norm2", read, hidden);
        TensorPlan.affine(layer + "mlp.fc1", read, intermediate, hidden);
        TensorPlan.affine(layer + "mlp.fc2", read, hidden, intermediate);
        read.put(layer + "layer_scale2.lambda1", List.of(hidden));
    }
}
