package sightline.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Every tensor that a model has, by canonical name, with its shape.
 *
 * @param required must be there
 * @param optional is read where it is there
 * @param allowed may be there and is not read
 */
record TensorPlan(Map<String, List<Long>> required, Map<String, List<Long>> optional,
        Map<String, List<Long>> allowed) {
    static final String LM_HEAD = "language_model.lm_head.weight";
    static final String LM_HEAD_BIAS = "language_model.lm_head.bias";
    static final String EMBEDDING = "language_model.model.embed_tokens.weight";

    static TensorPlan of(LlavaConfig config) {
        var shapes = new LinkedHashMap<String, List<Long>>();
        var tower = TowerTensors.of(config.vision());
        shapes.putAll(tower.read());
        var allowed = new LinkedHashMap<>(tower.unread());
        projector(config, shapes);
        List<Long> head = List.of((long) config.text().vocab(), (long) config.text().hidden());
        shapes.put(EMBEDDING, head);
        shapes.putAll(DecoderTensors.of(config.text()));
        if (config.text().tied())
            allowed.put(LM_HEAD, head); // a copy of the embedding, left out as a rule
        else
            shapes.put(LM_HEAD, head);
        return new TensorPlan(shapes, optional(config.text()), allowed);
    }

    /** Phi's own head has a bias; the one that transformers gives a LLaVA model has none. */
    private static Map<String, List<Long>> optional(TextConfig text) {
        return text.family() == LanguageFamily.PHI ? Map.of(LM_HEAD_BIAS, List.of((long) text.vocab())) : Map.of();
    }

    private static void projector(LlavaConfig config, Map<String, List<Long>> shapes) {
        long out = config.text().hidden();
        for (var linear : Map.of("linear_1", (long) config.projectorInput(), "linear_2", out).entrySet()) {
            shapes.put("multi_modal_projector." + linear.getKey() + ".weight", List.of(out, linear.getValue()));
            if (config.projectorBias())
                shapes.put("multi_modal_projector." + linear.getKey() + ".bias", List.of(out));
        }
    }

    /** A weight, and a bias for each of its rows. */
    static void affine(String name, Map<String, List<Long>> to, Long... weight) {
        to.put(name + ".weight", List.of(weight));
        to.put(name + ".bias", List.of(weight[0]));
    }
}
