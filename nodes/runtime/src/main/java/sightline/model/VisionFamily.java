package sightline.model;

import java.util.Arrays;
import java.util.Optional;

/** The vision towers that can be served. */
public enum VisionFamily {
    CLIP("clip", "clip_vision_model", true), DINOV2("dinov2", "dinov2", true), SIGLIP("siglip", "siglip_vision_model",
            false);

    private final String label;
    private final String modelType; // vision_config.model_type
    private final boolean classToken;

    VisionFamily(String label, String modelType, boolean classToken) {
        this.label = label;
        this.modelType = modelType;
        this.classToken = classToken;
    }

    /** The name in the public contract. */
    public String label() {
        return label;
    }

    /** Whether positions are made for pictures of another size than those it was trained with; in LLaVA only DINOv2 does so. */
    boolean interpolatesPositions() {
        return this == DINOV2;
    }

    /** Whether a row that stands for the whole picture comes before those of its patches. */
    boolean hasClassToken() {
        return classToken;
    }

    static String modelTypes() {
        return String.join(", ", Arrays.stream(values()).map(family -> family.modelType).toList());
    }

    static Optional<VisionFamily> ofModelType(String modelType) {
        for (var family : values())
            if (family.modelType.equals(modelType))
                return Optional.of(family);
        return Optional.empty();
    }
}
