package sightline.model;

import java.util.Optional;

/** The vision towers that can be served. */
public enum VisionFamily {
    CLIP("clip", "clip_vision_model");

    private final String label;
    private final String modelType; // vision_config.model_type

    VisionFamily(String label, String modelType) {
        this.label = label;
        this.modelType = modelType;
    }

    /** The name in the public contract. */
    public String label() {
        return label;
    }

    static Optional<VisionFamily> ofModelType(String modelType) {
        for (var family : values())
            if (family.modelType.equals(modelType))
                return Optional.of(family);
        return Optional.empty();
    }
}
