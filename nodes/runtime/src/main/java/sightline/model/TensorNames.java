package sightline.model;

import java.util.Optional;

/**
 * Gives every tensor one name, that of transformers 4.x files, whichever layout it was stored in.
 *
 * <pre>
 * 4.x       language_model.model.layers.N…  vision_tower.vision_model.…        multi_modal_projector.linear_{1,2}.…
 * 5.x       language_model.model.layers.N…  vision_tower.…                     multi_modal_projector.linear_{1,2}.…
 * nested    model.language_model.layers.N…  model.vision_tower.…               model.multi_modal_projector.…
 * original  model.layers.N…                 model.vision_tower.vision_tower.…  model.mm_projector.{0,2}.…
 * </pre>
 */
final class TensorNames {
    private static final String LANGUAGE = "language_model.";
    private static final String LANGUAGE_MODEL = "language_model.model.";
    private static final String TOWER = "vision_tower.";
    private static final String TOWER_MODEL = "vision_tower.vision_model.";
    private static final String PROJECTOR = "multi_modal_projector.";

    private TensorNames() {}

    /** Empty when no layout has such a name. */
    static Optional<String> canonical(String stored) {
        var name = without("model.", stored);
        if (name.startsWith(LANGUAGE_MODEL) || name.startsWith(LANGUAGE + "lm_head.") || name.startsWith(PROJECTOR))
            return Optional.of(name);
        if (name.startsWith(LANGUAGE))
            return Optional.of(LANGUAGE_MODEL + without(LANGUAGE, name));
        if (name.startsWith("lm_head."))
            return Optional.of(LANGUAGE + name);
        if (name.startsWith("embed_tokens.") || name.startsWith("layers.") || name.startsWith("norm.")
                || name.startsWith("final_layernorm."))
            return Optional.of(LANGUAGE_MODEL + name);
        if (name.startsWith("mm_projector.0."))
            return Optional.of(PROJECTOR + "linear_1." + without("mm_projector.0.", name));
        if (name.startsWith("mm_projector.2."))
            return Optional.of(PROJECTOR + "linear_2." + without("mm_projector.2.", name));
        if (name.startsWith(TOWER))
            return Optional.of(TOWER_MODEL + without("vision_model.", without(TOWER, without(TOWER, name))));
        return Optional.empty();
    }

    /** The same for a tower's own directory, where a whole CLIP model may stand; empty for its other half. */
    static Optional<String> canonicalInTower(String stored) {
        if (stored.startsWith("vision_model."))
            return Optional.of(TOWER + stored);
        boolean bare = stored.startsWith("embeddings.") || stored.startsWith("encoder.")
                || stored.startsWith("pre_layrnorm.") || stored.startsWith("post_layernorm.");
        return bare ? Optional.of(TOWER_MODEL + stored) : Optional.empty();
    }

    /** Buffers that old files hold and that are computed instead. */
    static boolean isComputed(String stored) {
        return stored.endsWith(".position_ids") || stored.endsWith(".rotary_emb.inv_freq");
    }

    private static String without(String prefix, String name) {
        return name.startsWith(prefix) ? name.substring(prefix.length()) : name;
    }
}
