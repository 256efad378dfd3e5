package sightline.language.sample;

import java.util.Map;

/**
 * How logits are changed before a token is chosen: first the bias, then the penalties.
 *
 * @param repetition over 0, 1 is off; over prompt and answer
 * @param presence 0 is off; over the answer
 * @param frequency 0 is off; over the answer, per occurrence
 * @param bias by id, added to its logit
 */
public record Adjustment(double repetition, double presence, double frequency, Map<Integer, Double> bias) {
    /** Leaves every logit as it is. */
    public static final Adjustment NONE = new Adjustment(1, 0, 0, Map.of());

    public Adjustment {
        if (!(repetition > 0 && Double.isFinite(repetition))) {
            throw new IllegalArgumentException("repetition: " + repetition + " (expected: over 0, finite)");
        }
        bias = Map.copyOf(bias);
    }

    public boolean isNone() {
        return equals(NONE);
    }
}
