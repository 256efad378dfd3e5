package sightline.model;

import java.util.List;

/**
 * A LLaVA model as its configuration files describe it, whichever layout they have.
 *
 * @param imageTokenId stands for an image row in a prompt; may lie beyond the vocabulary
 * @param featureLayers hidden states of the tower that are joined, as written: 0 is the embeddings' output, -1 the last
 *        layer's
 * @param dtype the type that the files say the weights were saved in
 */
public record LlavaConfig(TextConfig text, VisionConfig vision, Activation projectorActivation, boolean projectorBias,
        int imageTokenId, List<Integer> featureLayers, SelectStrategy selectStrategy,
        ImageProcessorConfig preprocessing, StoredType dtype, GenerationDefaults generation) {

    public LlavaConfig {
        featureLayers = List.copyOf(featureLayers);
    }

    /** Reads the configuration files; names everything that is wrong in one error. */
    public static LlavaConfig parse(SmallFiles files) throws ModelProblem {
        return LlavaConfigReader.read(files);
    }

    /** Image rows that one picture takes in a prompt; derived from the tower, never from the processor's file. */
    public int tokensPerImage() {
        return switch (selectStrategy) {
            case DEFAULT -> vision.rows() - 1; // the first row goes whatever the tower, as in get_image_features
            case FULL -> vision.rows();
        };
    }

    public int contextLength() {
        return text.maxPositions();
    }

    /** Width of the projector's input. */
    public int projectorInput() {
        return vision.hidden() * featureLayers.size();
    }
}
