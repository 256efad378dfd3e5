package sightline.vision.tower;

import java.util.Optional;
import sightline.model.VisionFamily;

/**
 * What a family calls the tensors of its tower, canonically; those of a layer without the layer's number.
 *
 * @param patchBias whether the patch embedding has a bias
 */
record TowerNames(String patch, boolean patchBias, Optional<String> classEmbedding, String positions,
        Optional<String> firstNorm, String layers, Layer layer) {
    private static final String TOWER = "vision_tower.vision_model.";
    private static final Layer CLIP_LAYER = new Layer("layer_norm1", "self_attn.q_proj", "self_attn.k_proj",
            "self_attn.v_proj", "self_attn.out_proj", Optional.empty(), "layer_norm2", Optional.empty());
    private static final Layer DINOV2_LAYER = new Layer("norm1", "attention.attention.query",
            "attention.attention.key", "attention.attention.value", "attention.output.dense",
            Optional.of("layer_scale1.lambda1"), "norm2", Optional.of("layer_scale2.lambda1"));

    /** What stands behind a layer's number. */
    record Layer(String attentionNorm, String query, String key, String value, String attentionOut,
            Optional<String> attentionScale, String mlpNorm, Optional<String> mlpScale) {}

    static TowerNames of(VisionFamily family) {
        String embeddings = TOWER + "embeddings.";
        return switch (family) {
            case CLIP -> new TowerNames(embeddings + "patch_embedding", false,
                    Optional.of(embeddings + "class_embedding"), embeddings + "position_embedding.weight",
                    Optional.of(TOWER + "pre_layrnorm"), TOWER + "encoder.layers.", CLIP_LAYER);
            case DINOV2 -> new TowerNames(embeddings + "patch_embeddings.projection", true,
                    Optional.of(embeddings + "cls_token"), embeddings + "position_embeddings", Optional.empty(),
                    TOWER + "encoder.layer.", DINOV2_LAYER);
            case SIGLIP -> new TowerNames(embeddings + "patch_embedding", true, Optional.empty(),
                    embeddings + "position_embedding.weight", Optional.empty(), TOWER + "encoder.layers.",
                    CLIP_LAYER);
        };
    }
}
