package sightline.deploy.synth;

/** The tensors of the vision tower and the projector under their published names (key layout of transformers 4). */
final class VisionTensors {

    /*
     * Found by trying (24 layers):
     * - Queries weigh more. With scores of deviation 1 attention averages over hundreds of positions, and every layer
     *   makes the positions more alike.
     * - Branches weigh little: the tower's GELU has a mean, which adds the same vector to all patches.
     */
    private static final double BRANCH_GAIN = 0.3;
    private static final double QUERY_GAIN = 2;
    private static final double POSITION_DEVIATION = 0.5;

    private final TensorList tensors;
    private final LlavaShape.Vision vision;

    private VisionTensors(TensorList tensors, LlavaShape.Vision vision) {
        this.tensors = tensors;
        this.vision = vision;
    }

    static void add(LlavaShape shape, TensorList tensors) {
        new VisionTensors(tensors, shape.vision()).tower();
        projector(shape, tensors);
    }

    private void tower() {
        String tower = "vision_tower.vision_model.";
        tensors.normal(tower + "embeddings.class_embedding", 1, vision.hidden());
        tensors.normal(tower + "embeddings.patch_embedding.weight",
                1 / Math.sqrt(3.0 * vision.patchSize() * vision.patchSize()),
                vision.hidden(), 3, vision.patchSize(), vision.patchSize());
        tensors.normal(tower + "embeddings.position_embedding.weight", POSITION_DEVIATION, vision.positions(),
                vision.hidden());
        tensors.layerNorm(tower + "pre_layrnorm", vision.hidden());
        for (int layer = 0; layer < vision.layers(); layer++) {
            layer(tower + "encoder.layers." + layer + ".");
        }
        tensors.layerNorm(tower + "post_layernorm", vision.hidden());
    }

    private void layer(String layer) {
        tensors.biasedLinear(layer + "self_attn.q_proj", QUERY_GAIN, vision.hidden(), vision.hidden());
        tensors.biasedLinear(layer + "self_attn.k_proj", 1, vision.hidden(), vision.hidden());
        tensors.biasedLinear(layer + "self_attn.v_proj", 1, vision.hidden(), vision.hidden());
        tensors.biasedLinear(layer + "self_attn.out_proj", BRANCH_GAIN, vision.hidden(), vision.hidden());
        tensors.layerNorm(layer + "layer_norm1", vision.hidden());
        tensors.biasedLinear(layer + "mlp.fc1", 1, vision.intermediate(), vision.hidden());
        tensors.biasedLinear(layer + "mlp.fc2", BRANCH_GAIN, vision.hidden(), vision.intermediate());
        tensors.layerNorm(layer + "layer_norm2", vision.hidden());
    }

    /** Ends in rows of the embedding's own scale. */
    private static void projector(LlavaShape shape, TensorList tensors) {
        int hidden = shape.text().hidden();
        tensors.biasedLinear("multi_modal_projector.linear_1", 1, hidden, shape.vision().hidden());
        tensors.biasedLinear("multi_modal_projector.linear_2", DecoderTensors.embeddingDeviation(shape.text()), hidden,
                hidden);
    }
}
