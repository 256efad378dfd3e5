package sightline.torch;

import java.util.Optional;

/**
 * A linear layer, {@code x · Wᵀ + b}, called with fixed numbers of rows, so that a row's result does not depend on the
 * rows beside it ({@link SelfTest} proves it where it holds).
 *
 * <p>Made by {@link Linears}, which knows how weights are held. What it holds is the only copy that stays: the file it
 * came from may be unmapped after it is made.
 */
public final class TileLinear implements RowFunction, AutoCloseable {
    private final LinearShape shape;
    private final LinearKernel kernel;
    private final Optional<Activation> activation;

    private TileLinear(LinearShape shape, LinearKernel kernel, Optional<Activation> activation) {
        this.shape = shape;
        this.kernel = kernel;
        this.activation = activation;
    }

    static TileLinear on(LinearShape shape, LinearKernel kernel) {
        return new TileLinear(shape, kernel, Optional.empty());
    }

    /** This layer with an activation after it; both share the packed weight, and closing either closes both. */
    public TileLinear then(Activation after) {
        return new TileLinear(shape, kernel, Optional.of(after));
    }

    /** The shape and the activation alone: layers that agree in them run the same kernels. */
    @Override
    public String name() {
        return shape + activation.map(after -> " " + after).orElse("");
    }

    @Override
    public int width() {
        return shape.in();
    }

    /** Columns of the result. */
    public int out() {
        return shape.out();
    }

    @Override
    public DType dtype() {
        return shape.weights().compute();
    }

    /**
     * Runs the rows tile by tile, or up to {@code tile.joined} tiles in one call, zero-padding the last tile.
     *
     * @param x [rows, in]
     * @return [rows, out]
     */
    @Override
    public Tensor apply(Tensor x, Tile tile) {
        return tile.cut(x, this::call);
    }

    /** Bytes of the weight and bias in memory. */
    public long bytes() {
        return kernel.bytes();
    }

    @Override
    public void close() {
        kernel.close();
    }

    /** One call on all of these rows. */
    Tensor call(Tensor x) {
        return kernel.apply(x, activation);
    }
}
