package sightline.model;

/**
 * The shape of the vision tower.
 *
 * @param imageSize pixels of the square input's edge
 * @param trainedSize pixels of the edge of pictures for which there are positions; DINOv2's are also good for others
 * @param patchSize pixels of a square patch's edge
 * @param normEps of LayerNorm
 */
public record VisionConfig(VisionFamily family, int hidden, int intermediate, int layers, int heads, int imageSize,
        int trainedSize, int patchSize, double normEps, Activation activation) {

    /** Rows of patches times columns of patches. */
    public int patches() {
        return (imageSize / patchSize) * (imageSize / patchSize);
    }

    /** Patches, and the class token where the family has one. */
    public int rows() {
        return family.hasClassToken() ? patches() + 1 : patches();
    }

    /** Rows for which there are positions. */
    public int positions() {
        return forPictures(trainedSize).rows();
    }

    /** The same tower with pictures of another size. */
    VisionConfig forPictures(int edge) {
        return new VisionConfig(family, hidden, intermediate, layers, heads, edge, trainedSize, patchSize, normEps,
                activation);
    }

    public int headDim() {
        return hidden / heads;
    }

    /** Missing fields mean what the family's configuration class in transformers 4.57.6 takes for them. */
    static VisionConfig read(VisionFamily family, JsonSection json) {
        return checked(json, switch (family) {
            case CLIP -> common(family, json, json.size("intermediate_size", 3072, 1 << 18), 32, 1e-5,
                    Activation.QUICK_GELU);
            case DINOV2 -> common(family, json, dinov2Intermediate(json), 14, 1e-6, Activation.GELU_ERF);
            case SIGLIP -> common(family, json, json.size("intermediate_size", 3072, 1 << 18), 16, 1e-6,
                    Activation.GELU_TANH);
        });
    }

    private static VisionConfig common(VisionFamily family, JsonSection json, int intermediate, int patchSize,
            double normEps, Activation activation) {
        int imageSize = json.size("image_size", 224, 1 << 12);
        return new VisionConfig(family, json.size("hidden_size", 768, 1 << 16), intermediate,
                json.size("num_hidden_layers", 12, 1 << 10), json.size("num_attention_heads", 12, 1 << 10),
                imageSize, imageSize, json.size("patch_size", patchSize, 1 << 10),
                json.positive("layer_norm_eps", normEps), json.activation("hidden_act", activation));
    }

    private static int dinov2Intermediate(JsonSection json) {
        json.refuseUnlessAbsentOrFalse("use_swiglu_ffn"); // dinov2-giant
        if (!json.flag("qkv_bias", true))
            json.problem("qkv_bias", false, "true");
        double intermediate = json.size("hidden_size", 768, 1 << 16) * json.positive("mlp_ratio", 4);
        if (intermediate >= 1 && intermediate <= 1 << 18)
            return (int) intermediate;
        json.problem("mlp_ratio", json.positive("mlp_ratio", 4), "an MLP width of 1.." + (1 << 18));
        return 1;
    }

    private static VisionConfig checked(JsonSection json, VisionConfig vision) {
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
        return new VisionConfig(VisionFamily.CLIP, 1024, 4096, 24, 16, 336, 336, 14, 1e-5, Activation.QUICK_GELU);
    }
}
