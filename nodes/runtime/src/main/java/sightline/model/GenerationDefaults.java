package sightline.model;

import java.util.List;
import java.util.Optional;

/**
 * How the model answers when a request does not say otherwise.
 *
 * @param temperature 0 is greedy
 * @param topK 0 is off
 * @param endIds tokens that end an answer
 */
public record GenerationDefaults(double temperature, int topK, double topP, List<Integer> endIds) {
    public GenerationDefaults {
        endIds = List.copyOf(endIds);
    }

    /**
     * Reads generation_config.json. Without {@code do_sample} the answer is greedy whatever temperature stands there,
     * as in transformers.
     *
     * @param file absent: the end tokens are those of the model's configuration
     */
    static GenerationDefaults read(Optional<JsonSection> file, JsonSection text, LanguageFamily family) {
        var modelEnd = ends(text, List.of(family.defaultEndId()));
        if (file.isEmpty())
            return new GenerationDefaults(0, 0, 1, modelEnd);
        var json = file.get();
        var end = ends(json, modelEnd);
        if (!json.flag("do_sample", false))
            return new GenerationDefaults(0, 0, 1, end);
        return new GenerationDefaults(json.positive("temperature", 1), json.integer("top_k", 50, 0, 1 << 22),
                topP(json),
                end);
    }

    private static double topP(JsonSection json) {
        double topP = json.positive("top_p", 1);
        if (topP <= 1)
            return topP;
        json.problem("top_p", topP, "at most 1");
        return 1;
    }

    private static List<Integer> ends(JsonSection json, List<Integer> fallback) {
        return json.integers("eos_token_id", fallback, 0, 1 << 22);
    }
}
