package sightline.language.sample;

import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * Changes logits as an {@link Adjustment} says, from the tokens so far alone: reading them again gives the same bits.
 *
 * <p>Reuses its memory from row to row; for one thread.
 */
public final class Adjuster {
    private final double[] values;
    private final float[] adjusted;
    private final boolean[] seen;
    private final int[] counts;
    private final boolean[] permitted;

    public Adjuster(int vocabulary) {
        values = new double[vocabulary];
        adjusted = new float[vocabulary];
        seen = new boolean[vocabulary];
        counts = new int[vocabulary];
        permitted = new boolean[vocabulary];
    }

    /**
     * Applies the rule; {@code logits} stay as they are.
     *
     * @param logits [vocabulary]
     * @param prompt ids; the image token may be beyond the vocabulary
     * @param answer ids before the token that is to be chosen, all in the vocabulary
     * @return [vocabulary], valid until the next call; minus infinity where a finite logit is not allowed, finite where
     *         the logit is elsewhere
     */
    public float[] apply(float[] logits, Adjustment rule, List<Integer> prompt, List<Integer> answer,
            Allowed allowed) {
        note(prompt, answer);
        for (int id = 0; id < values.length; id++) {
            values[id] = logits[id];
        }
        rule.bias().forEach((id, bias) -> values[id] += bias);
        for (int id = 0; id < values.length; id++) {
            adjusted[id] = Float.isFinite(logits[id]) ? bounded(penalized(id, rule)) : logits[id];
        }
        switch (allowed) {
            case Allowed.All() -> {
            }
            case Allowed.AllBut(var ids) -> ids.forEach(this::bar);
            case Allowed.Only(var ids) -> barAllBut(ids);
        }
        return adjusted;
    }

    private void barAllBut(Set<Integer> ids) {
        Arrays.fill(permitted, false);
        ids.forEach(id -> permitted[id] = true);
        for (int id = 0; id < adjusted.length; id++) {
            if (!permitted[id]) {
                bar(id);
            }
        }
    }

    /** A broken logit has to stay one: it means a broken model. */
    private void bar(int id) {
        if (Float.isFinite(adjusted[id])) {
            adjusted[id] = Float.NEGATIVE_INFINITY;
        }
    }

    private void note(List<Integer> prompt, List<Integer> answer) {
        Arrays.fill(seen, false);
        Arrays.fill(counts, 0);
        for (int id : prompt) {
            if (id < seen.length) {
                seen[id] = true;
            }
        }
        for (int id : answer) {
            seen[id] = true;
            counts[id]++;
        }
    }

    // Repetition: https://arxiv.org/abs/1909.05858, section 4.1, with the sign rule of transformers'
    // RepetitionPenaltyLogitsProcessor; then presence and frequency as in vLLM's apply_penalties.
    private double penalized(int id, Adjustment rule) {
        double value = values[id];
        if (seen[id]) {
            value = value < 0 ? value * rule.repetition() : value / rule.repetition();
        }
        if (counts[id] > 0) {
            value -= rule.frequency() * counts[id] + rule.presence();
        }
        return value;
    }

    /** A penalty near 0 would make infinities of finite logits, and those mean a broken model. */
    private static float bounded(double value) {
        return (float) Math.clamp(value, -Float.MAX_VALUE, Float.MAX_VALUE);
    }
}
