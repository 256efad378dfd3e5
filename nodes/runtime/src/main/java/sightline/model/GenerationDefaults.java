package sightline.model;

import java.util.List;
import java.util.Optional;

/**
 * How the model answers when a request does not say otherwise.
 *
 * @param temperature 0 is greedy
 * @param topK 0 is off
 * @param minP 0 is off
 * @param repetitionPenalty 1 is off
 * @param endIds tokens that end an answer
 */
public record GenerationDefaults(double temperature, int topK, double topP, double minP, double repetitionPenalty,
        List<Integer> endIds) {
    public GenerationDefaults {
        endIds = List.copyOf(endIds);
    }

    /** The likeliest token, as it is. */
    static GenerationDefaults greedy(double repetitionPenalty, List<Integer> endIds) {
        return new GenerationDefaults(0, 0, 1, 0, repetitionPenalty, endIds);
    }

    /**
     * Reads generation_config.json. Without {@code do_sample} the answer is greedy whatever temperature stands there,
     * as in transformers; a penalty counts all the same. How long an answer is, a request says, or the router.
     *
     * @param file absent: the end tokens are those of the model's configuration
     */
    static GenerationDefaults read(Optional<JsonSection> file, JsonSection text, LanguageFamily family) {
        var modelEnd = ends(text, List.of(family.defaultEndId()));
        if (file.isEmpty())
            return greedy(1, modelEnd);
        var json = file.get();
        var end = ends(json, modelEnd);
        double penalty = json.positive("repetition_penalty", 1);
        if (!json.flag("do_sample", false))
            return greedy(penalty, end);
        return new GenerationDefaults(json.positive("temperature", 1), json.integer("top_k", 50, 0, 1 << 22),
                share(json, "top_p", json.positive("top_p", 1)), minP(json), penalty, end);
    }

    private static double minP(JsonSection json) {
        return json.isNumber("min_p") ? share(json, "min_p", json.number("min_p", 0)) : 0;
    }

    private static double share(JsonSection json, String name, double value) {
        if (value >= 0 && value <= 1)
            return value;
        json.problem(name, value, "0..1");
        return 1;
    }

    private static List<Integer> ends(JsonSection json, List<Integer> fallback) {
        return json.integers("eos_token_id", fallback, 0, 1 << 22);
    }
}
