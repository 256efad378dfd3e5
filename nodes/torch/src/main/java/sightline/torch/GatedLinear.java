package sightline.torch;

/**
 * The first half of a gated MLP, {@code activation(x · Gᵀ) ∘ (x · Uᵀ)}, with activation and product inside the kernels:
 * no pass over the wide result is spent on them.
 *
 * <p>In bfloat16 the activation sees the kernel's float32 sums, where transformers rounds them to bfloat16 before it.
 */
public final class GatedLinear implements RowFunction, AutoCloseable {
    private final TileLinear gate;
    private final TileLinear up;

    private GatedLinear(TileLinear gate, TileLinear up) {
        this.gate = gate;
        this.up = up;
    }

    /**
     * Packs both layers.
     *
     * @param gate [out, in]
     * @param up [out, in]
     * @throws NonFiniteWeightException if one of them holds NaN or infinity
     */
    public static GatedLinear pack(DType compute, Weight gate, Weight up, Activation activation) {
        return new GatedLinear(TileLinear.pack(compute, gate).then(activation), TileLinear.pack(compute, up));
    }

    @Override
    public String name() {
        return gate.name() + " * " + up.name();
    }

    @Override
    public int width() {
        return gate.width();
    }

    /** Columns of the result. */
    public int out() {
        return gate.out();
    }

    @Override
    public DType dtype() {
        return gate.dtype();
    }

    /**
     * Runs the rows tile by tile, or up to {@code tile.joined} tiles in one call.
     *
     * @param x [rows, in]
     * @return [rows, out]
     */
    @Override
    public Tensor apply(Tensor x, Tile tile) {
        return tile.cut(x, rows -> up.callTimes(rows, gate.call(rows)));
    }

    /** Bytes of both packed weights. */
    public long bytes() {
        return gate.bytes() + up.bytes();
    }

    @Override
    public void close() {
        gate.close();
        up.close();
    }
}
