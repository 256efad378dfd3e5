package sightline.language.sample;

import java.util.OptionalInt;

/**
 * Chooses the same id for the same logits, rule, choice and position, wherever and whenever it runs.
 *
 * <p>Reuses its memory from row to row; for one thread.
 */
public final class Sampler {
    private final Candidates candidates;

    public Sampler(int vocabulary) {
        candidates = new Candidates(vocabulary);
    }

    /**
     * Chooses the next token.
     *
     * @param logits [vocabulary]
     * @param position of the token in its answer, from 0
     * @return nothing if a logit is not a number or plus infinity, or all are minus infinity; one of those is never drawn
     */
    public OptionalInt choose(float[] logits, SamplingRule rule, int choice, int position) {
        float largest = largest(logits);
        if (!Float.isFinite(largest)) {
            return OptionalInt.empty();
        }
        return OptionalInt.of(switch (rule) {
            case SamplingRule.Greedy() -> firstOf(logits, largest);
            case SamplingRule.Seeded seeded -> draw(logits, largest, seeded, choice, position);
        });
    }

    private int draw(float[] logits, float largest, SamplingRule.Seeded rule, int choice, int position) {
        candidates.reset(logits);
        if (rule.topK() > 0) {
            candidates.keepFirst(rule.topK());
        }
        candidates.weigh(largest, rule.temperature());
        candidates.keepShare(rule.topP());
        // The likeliest weighs 1.
        candidates.keepWeight(rule.minP());
        return candidates.pick(Philox.uniform(rule.seed(), choice, position, 0));
    }

    /** NaN if any is NaN. */
    private static float largest(float[] logits) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        return largest;
    }

    private static int firstOf(float[] logits, float value) {
        int id = 0;
        while (logits[id] != value) {
            id++;
        }
        return id;
    }
}
