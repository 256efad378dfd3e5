package sightline.language.kv;

import sightline.torch.OwnedTensor;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;

/**
 * The keys and values of one sequence in one layer; zero wherever nothing was written.
 *
 * <p>Attention multiplies what it masks, so the zeros beyond the last position matter.
 */
public final class KvLayer implements AutoCloseable {
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
        keys.tensor().narrow(0, position, k.size(0)).copyInPlace(k);
        values.tensor().narrow(0, position, v.size(0)).copyInPlace(v);
    }

    /** Writes {@code count} positions of another one's, from {@code position} on. */
    void copyFrom(KvLayer other, long otherPosition, long position, long count) {
        write(position, other.keys.tensor().narrow(0, otherPosition, count),
                other.values.tensor().narrow(0, otherPosition, count));
    }

    /** Positions that there is room for. */
    long positions() {
        return keys.tensor().size(0);
    }

    /** The keys of the first positions: a view, [length, kvHeads, headDim]. */
    public Tensor keys(long length) {
        return keys.tensor().narrow(0, 0, length);
    }

    /** The values of the first positions: a view, [length, kvHeads, headDim]. */
    public Tensor values(long length) {
        return values.tensor().narrow(0, 0, length);
    }

    @Override
    public void close() {
        keys.close();
        values.close();
    }

    private static OwnedTensor zeroTensor(KvShape shape, long positions) {
        return Tensor.zeros(shape.dtype(), positions, shape.kvHeads(), shape.headDim()).own();
    }
}
