package sightline.router.request;

import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import sightline.model.GenerationDefaults;

/**
 * How a client wants tokens chosen; what it left open is the model's to say.
 *
 * @param answers to the same prompt
 * @param choices one of which the answer has to be; none where it is free
 */
public record SamplingWish(OptionalDouble temperature, OptionalInt topK, OptionalDouble topP,
        OptionalDouble minP, OptionalDouble repetition, OptionalLong seed, AdjustmentWish adjustment,
        int answers, List<String> choices) {
    public SamplingWish {
        choices = List.copyOf(choices);
    }

    /** How tokens are chosen: every field counts as it stands. */
    public record Resolved(double temperature, int topK, double topP, double minP, long seed,
            AdjustmentWish adjustment) {}

    /** The wish with the model's defaults in the gaps. */
    public Resolved resolve(GenerationDefaults defaults, long drawnSeed) {
        return new Resolved(temperature.orElse(defaults.temperature()), topK.orElse(defaults.topK()),
                topP.orElse(defaults.topP()), minP.orElse(defaults.minP()), seed.orElse(drawnSeed),
                adjustment.withRepetition(repetition.orElse(defaults.repetitionPenalty())));
    }
}
