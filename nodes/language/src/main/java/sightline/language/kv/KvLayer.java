package sightline.language.kv;

import sightline.torch.OwnedTensor;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;

/**
 * The keys and values of one sequence in one layer; zero wherever nothing was written.
 *
 * <p>Attention multiplies what it masks, so the zeros beyond the last position matter. The positions of a head lie
 * together: with as many key-value heads as query heads, attention is at least seven times as fast as over positions whose
 * heads lie together, and with one head both are the same ({@code deploy/bench/jmh AttentionBenchmark}).
 */
public final class KvLayer implements AutoCloseable {
    private static final int POSITIONS = 1;

    /** Both [kvHeads, positions, headDim]. */
    private final OwnedTensor keys;
    private final OwnedTensor values;

    private KvLayer(OwnedTensor keys, OwnedTensor values) {
        this.keys = keys;
        this.values = values;
    }

    static KvLayer zeros(KvShape shape, long positions) {
        try (TensorScope _ = TensorScope.open()) {
            return new KvLayer(zeroTensor(shape, positions), zeroTensor(shape, positions));
        }
    }

    /**
     * Writes consecutive positions.
     *
     * @param k [rows, kvHeads, headDim]
     * @param v [rows, kvHeads, headDim]
     */
    public void write(long position, Tensor k, Tensor v) {
        place(keys, position, k);
        place(values, position, v);
    }

    /** Writes {@code count} positions of another one's, from {@code position} on. */
    void copyFrom(KvLayer other, long otherPosition, long position, long count) {
        write(position, view(other.keys, otherPosition, count), view(other.values, otherPosition, count));
    }

    /** Positions that there is room for. */
    long positions() {
        return keys.tensor().size(POSITIONS);
    }

    /** The keys of the first positions: a view, [length, kvHeads, headDim]. */
    public Tensor keys(long length) {
        return view(keys, 0, length);
    }

    /** The values of the first positions: a view, [length, kvHeads, headDim]. */
    public Tensor values(long length) {
        return view(values, 0, length);
    }

    @Override
    public void close() {
        keys.close();
        values.close();
    }

    private static OwnedTensor zeroTensor(KvShape shape, long positions) {
        return Tensor.zeros(shape.dtype(), shape.kvHeads(), positions, shape.headDim()).own();
    }

    private static void place(OwnedTensor into, long position, Tensor rows) {
        into.tensor().narrow(POSITIONS, position, rows.size(0)).copyInPlace(rows.transpose(0, 1));
    }

    /** Some positions, [count, kvHeads, headDim]. */
    private static Tensor view(OwnedTensor of, long position, long count) {
        return of.tensor().narrow(POSITIONS, position, count).transpose(0, 1);
    }
}
