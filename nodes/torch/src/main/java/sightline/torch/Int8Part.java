package sightline.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A stretch of a weight's input columns in the kernel's layout: rows are rounded by a scale of their own in each.
 *
 * @param from the first column
 * @param width how many there are
 */
record Int8Part(int from, int width, IValue packed, IValue scales, IValue zeroPoints) implements AutoCloseable {
    /*
     * What goes into the second half of an MLP is a product of two Gaussian-like numbers. Among 16,384 of them the largest
     * is so far out that a row has 10 steps to its root mean square, and is off by 2.8 %; in parts of 4,096 it has 12, and
     * is off by 2.4 %. Parts of 2,048 would bring it to 2.2 % and cost a quarter more for few rows, where each further call
     * takes a tenth of a millisecond. Rows of norms have 36 steps whatever their length, so shorter ones are left whole.
     */
    private static final int SPLIT_FROM = 8192;
    private static final int WIDTH = 4096;

    private static final BoxedOperator PREPACK = BoxedOperator.named("onednn::qlinear_prepack", "");
    private static final BoxedOperator LINEAR = BoxedOperator.named("onednn::qlinear_pointwise", "");
    private static final IValue ABSENT = Scopes.lasting(new IValue());
    private static final IValue ONE = Scopes.lasting(new IValue(1.0));
    private static final IValue NONE = Scopes.lasting(new IValue(0L));
    private static final IValue ZERO_POINT = Scopes.lasting(new IValue((long) QuantizedRows.ZERO));
    private static final IValue FLOAT32 = Scopes.lasting(
            new IValue((long) ScalarType.Float.value));
    private static final IValue NOTHING_AFTER = BoxedOperator.text("none");
    private static final IValue NO_SCALARS = LINEAR.emptyList(11);
    private static final IValue NO_ALGORITHM = BoxedOperator.text("");

    /** A weight's parts, in the order of their columns; they live until they are closed. */
    static List<Int8Part> of(Int8Weight weight) {
        Tensor values = weight.values();
        int in = Math.toIntExact(values.size(1));
        int width = in < SPLIT_FROM ? in : WIDTH;
        List<Int8Part> parts = new ArrayList<>();
        for (int from = 0; from < in; from += width) {
            int columns = Math.min(width, in - from);
            Tensor packed = PREPACK.call(new IValue(values.narrow(1, from, columns).contiguous().unwrap()), ABSENT);
            parts.add(new Int8Part(from, columns, lasting(packed), lasting(weight.scales().copy()),
                    lasting(Tensor.uninitialized(ScalarType.Int, values.size(0)).fillInPlace(0))));
        }
        return parts;
    }

    /** [rows and remainders, out] float32, not yet multiplied by the rows' scales. */
    Tensor multiply(QuantizedRows rows) {
        return LINEAR.call(new IValue(rows.values().unwrap()), ONE, ZERO_POINT, packed, scales, zeroPoints, ABSENT, ONE,
                NONE, FLOAT32, NOTHING_AFTER, NO_SCALARS, NO_ALGORITHM);
    }

    @Override
    public void close() {
        packed.close();
        scales.close();
        zeroPoints.close();
    }

    private static IValue lasting(Tensor tensor) {
        return Scopes.lasting(new IValue(tensor.unwrap()));
    }
}
