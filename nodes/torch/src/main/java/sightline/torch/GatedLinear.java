package sightline.torch;

/**
 * The first half of a gated MLP, {@code activation(x · Gᵀ) ∘ (x · Uᵀ)}, with activation and product inside the kernels
 * where these can: no pass over the wide result is spent on them.
 *
 * <p>Made by {@link Linears}. In bfloat16 on packed kernels the activation sees the kernel's float32 sums, where
 * transformers rounds them to bfloat16 before it.
 */
public final class GatedLinear implements RowFunction, AutoCloseable {
    private final LinearShape shape;
    private final Activation activation;
    private final GatedKernel kernel;

    GatedLinear(LinearShape shape, Activation activation, GatedKernel kernel) {
        this.shape = shape;
        this.activation = activation;
        this.kernel = kernel;
    }

    /** The shape and the activation alone: layers that agree in them run the same kernels. */
    @Override
    public String name() {
        return shape + " " + activation + " * " + shape;
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
     * Runs the rows tile by tile, or up to {@code tile.joined} tiles in one call.
     *
     * @param x [rows, in]
     * @return [rows, out]
     */
    @Override
    public Tensor apply(Tensor x, Tile tile) {
        return tile.cut(x, kernel::apply);
    }

    /** Bytes of both weights in memory. */
    public long bytes() {
        return kernel.bytes();
    }

    @Override
    public void close() {
        kernel.close();
    }
}
