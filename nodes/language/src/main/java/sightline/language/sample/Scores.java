package sightline.language.sample;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Natural logarithms of the model's own distribution, before temperature and cuts.
 *
 * @param logprob of the token chosen
 * @param top the likeliest tokens, by (logprob descending, id ascending)
 */
public record Scores(double logprob, List<Scored> top) {
    private static final Comparator<Scored> ORDER = Comparator.comparingDouble(Scored::logprob)
            .reversed()
            .thenComparingInt(Scored::id);

    public Scores {
        top = List.copyOf(top);
    }

    /** A token and its logarithm. */
    public record Scored(int id, double logprob) {}

    /**
     * Scores one row.
     *
     * @param logits [vocabulary], finite
     * @param chosen id of the token chosen
     * @param count how many of the likeliest to list, at least 1
     */
    public static Scores of(float[] logits, int chosen, int count) {
        var best = best(logits, count);
        double offset = logOfSum(logits);
        var top = best.stream().map(id -> new Scored(id, logits[id] - offset)).sorted(ORDER).toList();
        return new Scores(logits[chosen] - offset, top);
    }

    /** ln of the sum of e^logit. */
    private static double logOfSum(float[] logits) {
        float largest = Float.NEGATIVE_INFINITY;
        for (float logit : logits) {
            largest = Math.max(largest, logit);
        }
        double sum = 0;
        for (float logit : logits) {
            sum += Exponential.of((double) logit - largest);
        }
        return largest + StrictMath.log(sum);
    }

    /** Ids of the largest logits, largest first, the smaller id first among equals. */
    private static List<Integer> best(float[] logits, int count) {
        var best = new ArrayList<Integer>(count + 1);
        for (int id = 0; id < logits.length; id++) {
            if (best.size() == count && logits[id] <= logits[best.getLast()]) {
                continue;
            }
            int place = best.size();
            while (place > 0 && logits[best.get(place - 1)] < logits[id]) {
                place--;
            }
            best.add(place, id);
            if (best.size() > count) {
                best.removeLast();
            }
        }
        return best;
    }
}
