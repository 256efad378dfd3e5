package sightline.language.sample;

import java.util.Arrays;

/**
 * The ids that may still be chosen, in the order (logit descending, id ascending), without ever being sorted.
 *
 * <p>Every cut finds the one id at which the order is cut: bins of the logits' leading bits are added up, and only the
 * bin with the cut is looked at more closely. Reused from row to row; for one thread.
 */
final class Candidates {
    private static final int BIN_BITS = 12;
    private static final int[] SHIFTS = {20, 8, 0};

    private final int[] ids;
    private final int[] pool;
    private final double[] weights;
    private final double[] bins = new double[1 << BIN_BITS];
    private float[] logits;
    private int size;

    Candidates(int vocabulary) {
        ids = new int[vocabulary];
        pool = new int[vocabulary];
        weights = new double[vocabulary];
        logits = new float[vocabulary];
    }

    /** Begins anew with all ids. */
    void reset(float[] row) {
        logits = row;
        size = ids.length;
        Arrays.setAll(ids, id -> id);
    }

    /** Keeps the first {@code count}. */
    void keepFirst(int count) {
        if (count < size) {
            Arrays.fill(weights, 1);
            keepUpTo(idAt(count - 1));
        }
    }

    /** Weighs every id by its probability at this temperature, up to a common factor. */
    void weigh(float largest, double temperature) {
        for (int i = 0; i < size; i++) {
            int id = ids[i];
            weights[id] = Exponential.of(((double) logits[id] - largest) / temperature);
        }
    }

    /** Keeps the fewest first ones that hold this share of the weight. */
    void keepShare(double share) {
        if (share < 1) {
            keepUpTo(idAt(Math.nextDown(share * total())));
        }
    }

    /** Keeps those that weigh at least this much. */
    void keepWeight(double least) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (weights[ids[i]] >= least) {
                ids[kept++] = ids[i];
            }
        }
        size = kept;
    }

    /** The id at which the weights, added up in order, pass this share of the total. */
    int pick(double share) {
        return idAt(share * total());
    }

    private double total() {
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += weights[ids[i]];
        }
        return sum;
    }

    private void keepUpTo(int last) {
        int lastKey = key(last);
        int kept = 0;
        for (int i = 0; i < size; i++) {
            int order = Integer.compareUnsigned(key(ids[i]), lastKey);
            if (order < 0 || (order == 0 && ids[i] <= last)) {
                ids[kept++] = ids[i];
            }
        }
        size = kept;
    }

    /** The first id in order at which the sum of weights exceeds the target; the last with any weight if none does. */
    private int idAt(double target) {
        int[] from = ids;
        int count = size;
        double before = 0;
        for (int shift : SHIFTS) {
            fillBins(from, count, shift);
            int bin = 0;
            int next = 0;
            double sum = before;
            while (next < bins.length && sum <= target) {
                if (bins[next] > 0) {
                    bin = next;
                    before = sum;
                    sum += bins[next];
                }
                next++;
            }
            count = narrow(from, count, shift, bin);
            from = pool;
        }
        return among(count, target - before);
    }

    private void fillBins(int[] from, int count, int shift) {
        Arrays.fill(bins, 0);
        for (int i = 0; i < count; i++) {
            bins[bin(from[i], shift)] += weights[from[i]];
        }
    }

    private int narrow(int[] from, int count, int shift, int bin) {
        int kept = 0;
        for (int i = 0; i < count; i++) {
            if (bin(from[i], shift) == bin) {
                pool[kept++] = from[i];
            }
        }
        return kept;
    }

    /** Of ids with equal logits, in order of id, the one at which the sum exceeds the target. */
    private int among(int count, double target) {
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += weights[pool[i]];
            if (sum > target) {
                return pool[i];
            }
        }
        return pool[count - 1];
    }

    private int bin(int id, int shift) {
        return key(id) >>> shift & bins.length - 1;
    }

    /** Larger logits have smaller keys, as unsigned numbers; both zeros have one key. */
    private int key(int id) {
        int bits = Float.floatToRawIntBits(logits[id] + 0f);
        return bits < 0 ? bits : bits ^ Integer.MAX_VALUE;
    }
}
