package sightline.model;

import java.util.Arrays;
import java.util.Optional;

/** The language models that can be served. */
public enum LanguageFamily {
    GEMMA("gemma", "gemma", "llava_gemma", 1), LLAMA("llama", "llama", "llava_llama", 2), PHI("phi", "phi", "llava_phi",
            2);

    private final String label;
    private final String modelType;
    private final String originalModelType;
    private final int defaultEndId;

    /**
     * @param modelType {@code text_config.model_type} of a transformers checkpoint
     * @param originalModelType {@code model_type} of a checkpoint of the original LLaVA code
     * @param defaultEndId {@code eos_token_id} where no file says one, by the family's configuration class in
     *        transformers 4.57.6
     */
    LanguageFamily(String label, String modelType, String originalModelType, int defaultEndId) {
        this.label = label;
        this.modelType = modelType;
        this.originalModelType = originalModelType;
        this.defaultEndId = defaultEndId;
    }

    /** The name in the public contract. */
    public String label() {
        return label;
    }

    int defaultEndId() {
        return defaultEndId;
    }

    /** {@code text_config.model_type} of every family, as a refusal names them. */
    static String modelTypes() {
        return String.join(", ", Arrays.stream(values()).map(f -> f.modelType).toList());
    }

    /** The original code's {@code model_type} of every family, likewise. */
    static String originalModelTypes() {
        return String.join(", ", Arrays.stream(values()).map(f -> f.originalModelType).toList());
    }

    static Optional<LanguageFamily> ofModelType(String modelType) {
        for (var family : values())
            if (family.modelType.equals(modelType))
                return Optional.of(family);
        return Optional.empty();
    }

    static Optional<LanguageFamily> ofOriginalModelType(String modelType) {
        for (var family : values())
            if (family.originalModelType.equals(modelType))
                return Optional.of(family);
        // Checkpoints from before the original code had a second family, LLaVA-1.5's among them, say "llava".
        return modelType.equals("llava") ? Optional.of(LLAMA) : Optional.empty();
    }
}
