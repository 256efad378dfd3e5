package sightline.language;

import java.util.Map;
import sightline.language.sample.Adjustment;
import sightline.stage.v1.SamplingRule;

/**
 * Turns the bias and the penalties of a Begin into an {@link Adjustment} or one refusal.
 *
 * @param vocabulary how many ids there are
 */
record AdjustmentParser(int vocabulary) {
    private static final int MAX_BIASES = 1_024;
    private static final double MAX_BIAS = 100;
    private static final double MAX_PENALTY = 2;

    Adjustment parse(SamplingRule rule) throws Refusal {
        // A router of before the penalties leaves it out.
        double repetition = rule.getRepetitionPenalty() == 0 ? 1 : rule.getRepetitionPenalty();
        Expect.that(repetition > 0 && Double.isFinite(repetition), "sampling.repetition_penalty", repetition,
                "over 0, finite");
        return new Adjustment(repetition, penalty("presence_penalty", rule.getPresencePenalty()),
                penalty("frequency_penalty", rule.getFrequencyPenalty()), biases(rule.getLogitBiasMap()));
    }

    private static double penalty(String name, double value) throws Refusal {
        Expect.that(Math.abs(value) <= MAX_PENALTY, "sampling." + name, value, "-2..2");
        return value;
    }

    private Map<Integer, Double> biases(Map<Integer, Double> biases) throws Refusal {
        Expect.that(biases.size() <= MAX_BIASES, "sampling.logit_bias", biases.size() + " entries",
                "at most " + MAX_BIASES);
        for (var entry : biases.entrySet()) {
            int id = entry.getKey();
            var field = "sampling.logit_bias[" + Integer.toUnsignedString(id) + "]";
            Expect.that(id >= 0 && id < vocabulary, field, "this id", "0.." + (vocabulary - 1));
            Expect.that(Math.abs(entry.getValue()) <= MAX_BIAS, field, entry.getValue(), "-100..100");
        }
        return biases;
    }
}
