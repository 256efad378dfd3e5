package sightline.torch;

import java.lang.foreign.MemorySegment;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rows rounded to 255 steps around {@link #ZERO}, each by a scale of its own, so that what a row becomes depends on it
 * alone.
 *
 * <p>A row of zeros, as padding is, is left out: integer sums are exact, so fewer rows in a call change no bit. A row with
 * outliers, whose other numbers would vanish in the rounding, gets a second row with what the rounding took away:
 * together they hold 16 bits. Whether it does is read off the row alone, too.
 */
final class QuantizedRows {
    /** What zero becomes. */
    static final int ZERO = 128;

    static final int LARGEST = 127;

    /** In place of a row's number where there is none. */
    private static final int NOWHERE = -1;

    /*
     * Rounding is off by 1/√12 = 0.29 steps, so a row whose numbers have a root mean square of 8 steps is off by 3.6 %;
     * Gaussian rows of 2,048 to 16,384 numbers have 30 to 36 steps and are off by 0.9 %, with their weights' own rounding
     * by 1.2 %. Below 8 steps the whole layer would be off by more than three times what it is on Gaussian rows.
     */
    private static final long LEAST_MEAN_SQUARE = 8 * 8;

    private final Tensor values;
    private final float[] scales;
    private final int[] places;
    private final int[] remainders;

    private QuantizedRows(Tensor values, float[] scales, int[] places, int[] remainders) {
        this.values = values;
        this.scales = scales;
        this.places = places;
        this.remainders = remainders;
    }

    /**
     * Rounds some columns of rows.
     *
     * @param wide [rows, any] float32, dense
     * @param first the first column
     * @param in how many columns
     */
    static QuantizedRows of(Tensor wide, int first, int in) {
        int rows = Math.toIntExact(wide.size(0));
        RowThreads threads = Torch.started().rowThreads();
        // Twice the rows, for remainders; pages that no remainder touches cost nothing.
        Tensor values = Tensor.uninitialized(ScalarType.Byte, 2L * rows, in);
        MemorySegment source = wide.memory();
        MemorySegment target = values.memory();
        Supplier<RowRounding> roundings = () -> new RowRounding(source, wide.size(1), first, target, in);
        float[] scales = new float[2 * rows];
        threads.run(rows, in, (from, to) -> {
            RowRounding rounding = roundings.get();
            for (int row = from; row < to; row++) {
                scales[row] = rounding.scale(row);
            }
        });
        int[] places = new int[rows];
        int used = numbered(places, row -> scales[row] != 0, 0);
        boolean[] coarse = new boolean[rows];
        threads.run(rows, in, (from, to) -> {
            RowRounding rounding = roundings.get();
            for (int row = from; row < to; row++) {
                coarse[row] = places[row] != NOWHERE
                        && rounding.round(row, places[row], scales[row]) < LEAST_MEAN_SQUARE * in;
            }
        });
        int[] remainders = new int[rows];
        int filled = numbered(remainders, row -> coarse[row], used);
        threads.run(rows, (long) in * (filled - used) / rows, (from, to) -> {
            RowRounding rounding = roundings.get();
            for (int row = from; row < to; row++) {
                if (coarse[row]) {
                    scales[rows + row] = rounding.roundRemainder(row, places[row], scales[row], remainders[row]);
                }
            }
        });
        int padded = padded(filled, rows);
        if (padded > filled) {
            values.narrow(0, filled, padded - filled).fillInPlace(ZERO);
        }
        return new QuantizedRows(values.firstRows(padded), scales, places, remainders);
    }

    /** Rows in the order of their numbers, then remainders, then zeros; one row at least. */
    Tensor values() {
        return values;
    }

    /** Whether row i stands in place i, for all rows. */
    boolean inPlace() {
        for (int row = 0; row < places.length; row++) {
            if (places[row] != row) {
                return false;
            }
        }
        return true;
    }

    /** Whether all of a row was zero. */
    boolean isZero(int row) {
        return places[row] == NOWHERE;
    }

    /**
     * Adds what the sums of a row come to, a stretch of it.
     *
     * @param sums [rows of values, out] float32
     */
    void addTo(Block into, MemorySegment sums, int row, long out, int at, int count, Block spare) {
        if (places[row] == NOWHERE) {
            return;
        }
        spare.read(sums, places[row] * out + at, count);
        into.addScaled(spare, scales[row], count);
        if (remainders[row] != NOWHERE) {
            spare.read(sums, remainders[row] * out + at, count);
            into.addScaled(spare, scales[places.length + row], count);
        }
    }

    /** Numbers those rows that have one, in their order; returns the first number left. */
    private static int numbered(int[] numbers, RowTest has, int first) {
        int next = first;
        for (int row = 0; row < numbers.length; row++) {
            numbers[row] = has.test(row) ? next++ : NOWHERE;
        }
        return next;
    }

    /** More than eight rows come in a few numbers only, since the kernel is made anew for every number of rows. */
    private static int padded(int filled, int rows) {
        int step = filled <= 8 ? 1 : Math.max(8, Math.ceilDiv(rows, 4));
        return Math.clamp(Math.ceilDiv(filled, step) * (long) step, 1, filled <= rows ? rows : 2 * rows);
    }

    @FunctionalInterface
    private interface RowTest {
        boolean test(int row);
    }
}
