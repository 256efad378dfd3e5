package sightline.model;

/** The part of a model that one kind of node loads. */
public enum StagePart {
    /** The vision tower and the projector. */
    VISION,
    /** The language model. */
    LANGUAGE;

    static StagePart of(String canonicalName) {
        return canonicalName.startsWith("language_model.") ? LANGUAGE : VISION;
    }
}
