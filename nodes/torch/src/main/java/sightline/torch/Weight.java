package sightline.torch;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * A tensor of a checkpoint as it lies in the mapped file, under the name by which errors call it.
 *
 * <p>The bytes must stay mapped while it is loaded, not afterwards.
 */
public final class Weight {
    private final String name;
    private final MemorySegment bytes;
    private final DType stored;
    private final long[] shape;
    private boolean finite; // known, since it was looked at before

    private Weight(String name, MemorySegment bytes, DType stored, long[] shape) {
        this.name = name;
        this.bytes = bytes;
        this.stored = stored;
        this.shape = shape;
    }

    public static Weight stored(String name, MemorySegment bytes, DType stored, long... shape) {
        return new Weight(name, bytes, stored, shape.clone());
    }

    public String name() {
        return name;
    }

    public long[] shape() {
        return shape.clone();
    }

    /**
     * The numbers in the type to compute in: a view of the file where that is the stored type, else a copy in the
     * present scope.
     *
     * @throws NonFiniteWeightException if one of them is NaN or infinite
     */
    Tensor load(DType compute) {
        return view().to(compute);
    }

    /**
     * A view of the file in the stored type, for look-ups by row: the bytes must stay mapped as long as it is used.
     *
     * @throws NonFiniteWeightException if a number is NaN or infinite
     */
    public Tensor view() {
        finite = finite || FiniteBits.allFinite(bytes, stored);
        if (!finite) {
            throw new NonFiniteWeightException(name);
        }
        return Tensor.viewOf(bytes, stored, shape);
    }

    /** A dense copy of its own in the type to compute in; afterwards the file is not needed. */
    public OwnedTensor copy(DType compute) {
        Tensor loaded = Tensor.zeros(compute, shape).copyInPlace(view());
        return loaded.own();
    }

    @Override
    public String toString() {
        return name + " " + stored + Arrays.toString(shape);
    }
}
