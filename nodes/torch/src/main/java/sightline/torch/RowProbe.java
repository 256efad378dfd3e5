package sightline.torch;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The self-test of one function on one tile, in the present scope. */
final class RowProbe {
    private static final int SEED = 577;

    private final RowFunction function;
    private final Tile tile;
    private final Tile separate;
    private final Tensor x;
    private final Tensor y;
    private final List<String> reasons = new ArrayList<>();

    RowProbe(RowFunction function, Tile tile) {
        this.function = function;
        this.tile = tile;
        this.separate = Tile.separate(tile.rows());
        this.x = noise(Math.multiplyExact(tile.rows(), tile.joined()), function.width()).to(function.dtype());
        this.y = function.apply(x, separate);
    }

    SelfTest.Result run() {
        boolean strict = positionDoesNotMatter() && neighboursDoNotMatter();
        boolean joinable = strict && joiningDoesNotMatter();
        return new SelfTest.Result(strict, joinable, reasons);
    }

    /** A tile turned round by some rows must come out turned round by as many. */
    private boolean positionDoesNotMatter() {
        boolean same = true;
        for (int shift : new int[]{1, tile.rows() / 2, tile.rows() - 1}) {
            Tensor result = function.apply(turned(x.firstRows(tile.rows()), shift), separate);
            same &= result.sameBits(turned(y.firstRows(tile.rows()), shift));
        }
        return reported(same, "position");
    }

    /** A row among zeros must come out as among other rows. */
    private boolean neighboursDoNotMatter() {
        boolean same = true;
        for (int row : new int[]{0, tile.rows() / 3, tile.rows() - 1}) {
            Tensor alone = Tensor.zeros(function.dtype(), tile.rows(), function.width());
            alone.narrow(0, row, 1).copyInPlace(x.narrow(0, row, 1));
            Tensor result = function.apply(alone, separate);
            same &= result.narrow(0, row, 1).sameBits(y.narrow(0, row, 1));
        }
        return reported(same, "neighbours");
    }

    /** Every number of tiles that may be joined is tried, since each may have a kernel of its own. */
    private boolean joiningDoesNotMatter() {
        boolean same = true;
        for (int tiles = 2; tiles <= tile.joined() && same; tiles++) {
            same = joined(tiles);
        }
        return same;
    }

    private boolean joined(int tiles) {
        try (TensorScope _ = TensorScope.open()) {
            long rows = (long) tiles * tile.rows();
            Tensor result = function.apply(x.firstRows(rows), tile.joining(tiles));
            return reported(result.sameBits(y.firstRows(rows)), "joining " + tiles);
        }
    }

    private boolean reported(boolean same, String cause) {
        if (!same) {
            reasons.add(function.name() + ": bits depend on " + cause + " in tiles of " + tile.rows());
        }
        return same;
    }

    private static Tensor noise(int rows, int width) {
        Random random = new Random(SEED);
        float[] values = new float[Math.multiplyExact(rows, width)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, rows, width);
    }

    private static Tensor turned(Tensor rows, int shift) {
        long count = rows.size(0);
        return Tensor.cat(0, rows.narrow(0, shift, count - shift), rows.narrow(0, 0, shift));
    }
}
