package sightline.torch;

import java.util.function.UnaryOperator;

/**
 * How rows are cut into calls of a linear: always {@code rows} at a time, zero-padded, and up to {@code joined} such
 * tiles in one call.
 *
 * @param joined 1 keeps every tile a call of its own; more is allowed only where {@link SelfTest} has proved that it
 *     changes no bit
 */
public record Tile(int rows, int joined) {
    public Tile {
        if (rows < 1 || joined < 1) {
            throw new IllegalArgumentException("tile: " + rows + " x " + joined + " (expected: both >= 1)");
        }
    }

    /** Every tile a call of its own. */
    public static Tile separate(int rows) {
        return new Tile(rows, 1);
    }

    /** The same tile, up to so many of them in one call. */
    public Tile joining(int tiles) {
        return new Tile(rows, tiles);
    }

    /** The smallest multiple of {@link #rows} that holds this many rows. */
    public long padded(long count) {
        return Math.ceilDiv(count, (long) rows) * rows;
    }

    /**
     * Feeds rows to a function in calls of this shape and puts the results together again, without the padding.
     *
     * @param x [rows, in]
     * @param call takes [n · tile rows, in], n at most {@link #joined}, and returns as many rows
     * @return [rows, out]
     */
    public Tensor cut(Tensor x, UnaryOperator<Tensor> call) {
        long count = x.size(0);
        long padded = padded(count);
        long perCall = (long) rows * joined;
        Tensor full = x.padRows(padded);
        if (padded <= perCall) {
            return call.apply(full).firstRows(count);
        }
        Tensor[] parts = new Tensor[Math.toIntExact(Math.ceilDiv(padded, perCall))];
        for (int i = 0; i < parts.length; i++) {
            long from = i * perCall;
            parts[i] = call.apply(full.narrow(0, from, Math.min(perCall, padded - from)));
        }
        return Tensor.cat(0, parts).firstRows(count);
    }
}
