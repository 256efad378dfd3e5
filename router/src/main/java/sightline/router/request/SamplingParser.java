package sightline.router.request;

import java.util.HashSet;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import sightline.router.prompt.RequestRefused;
import sightline.v1.Sampling;

/** Turns a {@link Sampling} into a {@link SamplingWish}, or refuses it; bounds are those of inference.proto. */
final class SamplingParser {
    private static final FieldPath AT = FieldPath.of("sampling");
    private static final double MAX_TEMPERATURE = 100;
    private static final double MAX_PENALTY = 2;
    private static final int MAX_BIASES = 1_024;
    private static final double MAX_BIAS = 100;
    private static final int MAX_ANSWERS = 16;
    private static final int MAX_CHOICES = 64;
    private static final int MAX_CHOICE_CHARS = 4_096;

    private SamplingParser() {}

    static SamplingWish parse(Sampling sampling) throws RequestRefused {
        double temperature = sampling.getTemperature();
        AT.field("temperature").expect(temperature >= 0 && temperature <= MAX_TEMPERATURE, temperature, "0..100");
        AT.field("top_k").expect(sampling.getTopK() >= 0, sampling.getTopK(), ">= 0");
        double topP = sampling.hasTopP() ? sampling.getTopP() : 1;
        AT.field("top_p").expect(topP > 0 && topP <= 1, topP, "above 0, at most 1");
        double minP = sampling.getMinP();
        AT.field("min_p").expect(minP >= 0 && minP <= 1, minP, "0..1");
        int answers = sampling.hasN() ? sampling.getN() : 1;
        AT.field("n").expect(answers >= 1 && answers <= MAX_ANSWERS, answers, "1.." + MAX_ANSWERS);
        return new SamplingWish(sampling.hasTemperature() ? OptionalDouble.of(temperature) : OptionalDouble.empty(),
                sampling.hasTopK() ? OptionalInt.of(sampling.getTopK()) : OptionalInt.empty(),
                sampling.hasTopP() ? OptionalDouble.of(topP) : OptionalDouble.empty(),
                sampling.hasMinP() ? OptionalDouble.of(minP) : OptionalDouble.empty(),
                sampling.hasRepetitionPenalty()
                        ? OptionalDouble.of(sampling.getRepetitionPenalty())
                        : OptionalDouble.empty(),
                sampling.hasSeed() ? OptionalLong.of(sampling.getSeed()) : OptionalLong.empty(),
                adjustment(sampling), answers, choices(sampling.getChoicesList()));
    }

    private static List<String> choices(List<String> choices) throws RequestRefused {
        var at = AT.field("choices");
        at.expect(choices.size() <= MAX_CHOICES, choices.size() + " strings", "at most " + MAX_CHOICES);
        var seen = new HashSet<String>();
        for (int i = 0; i < choices.size(); i++) {
            int length = choices.get(i).length();
            at.element(i)
                    .expect(length >= 1 && length <= MAX_CHOICE_CHARS, length + " characters",
                            "1.." + MAX_CHOICE_CHARS);
            at.element(i).expect(seen.add(choices.get(i)), "the same string again", "different ones");
        }
        return choices;
    }

    private static AdjustmentWish adjustment(Sampling sampling) throws RequestRefused {
        double repetition = sampling.hasRepetitionPenalty() ? sampling.getRepetitionPenalty() : 1;
        AT.field("repetition_penalty")
                .expect(repetition > 0 && Double.isFinite(repetition), repetition, "above 0, finite");
        expectPenalty("presence_penalty", sampling.getPresencePenalty());
        expectPenalty("frequency_penalty", sampling.getFrequencyPenalty());
        expectBiases(sampling);
        return new AdjustmentWish(repetition, sampling.getPresencePenalty(), sampling.getFrequencyPenalty(),
                sampling.getLogitBiasMap());
    }

    private static void expectPenalty(String name, double value) throws RequestRefused {
        AT.field(name).expect(Math.abs(value) <= MAX_PENALTY, value, "-2..2");
    }

    private static void expectBiases(Sampling sampling) throws RequestRefused {
        var at = AT.field("logit_bias");
        int count = sampling.getLogitBiasCount();
        at.expect(count <= MAX_BIASES, count + " entries", "at most " + MAX_BIASES);
        for (var entry : sampling.getLogitBiasMap().entrySet()) {
            double bias = entry.getValue();
            FieldPath.of(at + "[" + Integer.toUnsignedString(entry.getKey()) + "]")
                    .expect(Math.abs(bias) <= MAX_BIAS, bias, "-100..100");
        }
    }
}
