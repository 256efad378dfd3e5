package sightline.router.request;

import java.util.Map;

/**
 * How a client wants logits changed before a token is chosen.
 *
 * @param repetition over 0; 1 is off
 * @param presence 0 is off
 * @param frequency 0 is off
 * @param bias by id, as an unsigned number
 */
public record AdjustmentWish(double repetition, double presence, double frequency, Map<Integer, Double> bias) {
    /** Leaves every logit as it is. */
    public static final AdjustmentWish NONE = new AdjustmentWish(1, 0, 0, Map.of());

    AdjustmentWish withRepetition(double other) {
        return new AdjustmentWish(other, presence, frequency, bias);
    }

    public AdjustmentWish {
        bias = Map.copyOf(bias);
    }
}
