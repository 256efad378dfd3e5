package sightline.torch;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * A weight rounded to 255 steps, symmetric around zero, by a scale per output channel.
 *
 * @param values [out, in] int8
 * @param scales [out] float32, what one step is worth
 */
record Int8Weight(Tensor values, Tensor scales) {
    private static final int LARGEST = 127;

    /** Numbers rounded at a time: their temporaries stay in the cache, and are too small for mappings of their own. */
    private static final long NUMBERS_AT_A_TIME = 1 << 17;

    /**
     * The weights one below the other, from the cache where they lie there, else rounded now and put there.
     *
     * @throws NonFiniteWeightException if one of them holds NaN or infinity
     */
    static Int8Weight of(List<Weight> parts, Optional<WeightCache> cache) {
        String name = parts.stream().map(Weight::name).collect(Collectors.joining("+"));
        long out = parts.stream().mapToLong(part -> part.shape()[0]).sum();
        long in = parts.getFirst().shape()[1];
        return cache.flatMap(place -> place.find(name, out, in)).orElseGet(() -> {
            Int8Weight rounded = rounded(parts, out, in);
            cache.ifPresent(place -> place.keep(name, rounded));
            return rounded;
        });
    }

    private static Int8Weight rounded(List<Weight> parts, long out, long in) {
        Int8Weight all = new Int8Weight(Tensor.uninitialized(ScalarType.Char, out, in),
                Tensor.uninitialized(ScalarType.Float, out));
        long row = 0;
        for (Weight part : parts) {
            Tensor stored = part.view();
            all.round(stored, row);
            row += stored.size(0);
        }
        return all;
    }

    private void round(Tensor stored, long into) {
        long rows = stored.size(0);
        long step = Math.max(1, NUMBERS_AT_A_TIME / stored.size(1));
        for (long from = 0; from < rows; from += step) {
            long count = Math.min(step, rows - from);
            try (TensorScope _ = TensorScope.open()) {
                roundRows(stored.narrow(0, from, count).to(DType.FLOAT32), into + from);
            }
        }
    }

    /** @param rows [rows, in] float32 */
    private void roundRows(Tensor rows, long into) {
        org.bytedeco.pytorch.Tensor numbers = rows.unwrap();
        org.bytedeco.pytorch.Tensor step = torch.amax(numbers.abs(), new long[]{1}, true)
                .clamp_min(new Scalar(Float.MIN_NORMAL * LARGEST))
                .div(new Scalar((float) LARGEST));
        Tensor steps = Tensor.wrap(numbers.div(step).round_());
        values.narrow(0, into, rows.size(0)).copyInPlace(steps);
        scales.narrow(0, into, rows.size(0)).copyInPlace(Tensor.wrap(step).reshape(-1));
    }
}
