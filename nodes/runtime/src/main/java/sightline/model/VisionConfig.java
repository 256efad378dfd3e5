package sightline.model;

/**
 * The shape of the vision tower.
 *
 * @param imageSize pixels of the square input's edge
 * @param patchSize pixels of a square patch's edge
 * @param normEps of LayerNorm
 */
public record VisionConfig(VisionFamily family, int hidden, int intermediate, int layers, int heads, int imageSize,
        int patchSize, double normEps, Activation activation) {

    /** Rows of patches times columns of patches. */
    public int patches() {
        return (imageSize / patchSize) * (imageSize / patchSize);
    }

    /** Patches and the class token. */
    public int rows() {
        return patches() + 1;
    }

    public int headDim() {
        return hidden / heads;
    }

    /** Missing fields mean what CLIPVisionConfig of transformers 4.57.6 takes for them. */
    static VisionConfig readClip(JsonSection json) {
        var vision = new VisionConfig(VisionFamily.CLIP, json.size("hidden_size", 768, 1 << 16),
                json.size("intermediate_size", 3072, 1 << 18), json.size("num_hidden_layers", 12, 1 << 10),
                json.size("num_attention_heads", 12, 1 << 10), json.size("image_size", 224, 1 << 12),
                json.size("patch_size", 32, 1 << 10), json.positive("layer_norm_eps", 1e-5),
                json.activation("hidden_act", Activation.QUICK_GELU));
        if (json.size("num_channels", 3, 1 << 10) != 3)
            json.problem("num_channels", json.size("num_channels", 3, 1 << 10), "3");
        if (vision.hidden % vision.heads != 0)
            json.problem("num_attention_heads", vision.heads, "a divisor of hidden_size " + vision.hidden);
        if (vision.patchSize > vision.imageSize)
            json.problem("patch_size", vision.patchSize, "at most image_size " + vision.imageSize);
        return vision;
    }

    /** What LlavaConfig of transformers 4.57.6 takes when there is no {@code vision_config} at all. */
    static VisionConfig clipLarge336() {
        return new VisionConfig(VisionFamily.CLIP, 1024, 4096, 24, 16, 336, 14, 1e-5, Activation.QUICK_GELU);
    }
}
