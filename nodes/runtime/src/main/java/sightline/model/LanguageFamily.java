package sightline.model;

import java.util.Optional;

/** The language models that can be served. */
public enum LanguageFamily {
    GEMMA("gemma", "gemma", "llava_gemma");

    private final String label;
    private final String modelType;
    private final String originalModelType;

    /**
     * @param modelType {@code text_config.model_type} of a transformers checkpoint
     * @param originalModelType {@code model_type} of a checkpoint of the original LLaVA code
     */
    LanguageFamily(String label, String modelType, String originalModelType) {
        this.label = label;
        this.modelType = modelType;
        this.originalModelType = originalModelType;
    }

    /** The name in the public contract. */
    public String label() {
        return label;
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
        return Optional.empty();
    }
}
