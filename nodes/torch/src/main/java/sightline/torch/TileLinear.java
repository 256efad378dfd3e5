package sightline.torch;

import java.util.List;
import java.util.Optional;

/**
 * A linear layer, {@code x · Wᵀ + b}, on weights packed once for the CPU's matrix kernels and called with fixed numbers
 * of rows, so that a row's result does not depend on the rows beside it ({@link SelfTest} proves it where it holds).
 *
 * <p>The packed weight is the only copy that stays; the file it came from may be unmapped after {@code pack}.
 */
public final class TileLinear implements RowFunction, AutoCloseable {
    private final LinearShape shape;
    private final PackedKernel kernel;
    private final Optional<Activation> activation;

    private TileLinear(LinearShape shape, PackedKernel kernel, Optional<Activation> activation) {
        this.shape = shape;
        this.kernel = kernel;
        this.activation = activation;
    }

    /**
     * Packs one layer.
     *
     * @param weight [out, in]
     * @throws NonFiniteWeightException if it holds NaN or infinity
     */
    public static TileLinear pack(DType compute, Weight weight) {
        return pack(compute, List.of(weight), List.of());
    }

    /**
     * Packs one layer with a bias.
     *
     * @param weight [out, in]
     * @param bias [out]
     * @throws NonFiniteWeightException if one of them holds NaN or infinity
     */
    public static TileLinear pack(DType compute, Weight weight, Weight bias) {
        return pack(compute, List.of(weight), List.of(bias));
    }

    /**
     * Packs layers that read the same input as one layer, whose output columns are theirs in this order.
     *
     * @param weights [out, in] each, equal in their number of columns
     * @param biases [out] each, one per weight, or none at all
     * @throws NonFiniteWeightException if one of them holds NaN or infinity
     */
    public static TileLinear pack(DType compute, List<Weight> weights, List<Weight> biases) {
        return LinearPacking.pack(compute, weights, biases);
    }

    /** Packs tensors of the present scope. */
    static TileLinear of(Tensor weight, Optional<Tensor> bias) {
        LinearShape shape = new LinearShape(weight.dtype(), Math.toIntExact(weight.size(1)),
                Math.toIntExact(weight.size(0)), bias.isPresent());
        return new TileLinear(shape, PackedKernel.pack(weight, bias), Optional.empty());
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
        return shape.dtype();
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

    /** Bytes of the packed weight and bias. */
    public long bytes() {
        return shape.bytes();
    }

    @Override
    public void close() {
        kernel.close();
    }

    /** One call on all of these rows. */
    Tensor call(Tensor x) {
        if (activation.isEmpty()) {
            return kernel.apply(x, PackedKernel.After.NOTHING);
        }
        return switch (activation.get()) {
            case GELU_ERF -> kernel.apply(x, PackedKernel.After.GELU_ERF);
            case GELU_TANH -> kernel.apply(x, PackedKernel.After.GELU_TANH);
            case SILU -> kernel.apply(x, PackedKernel.After.SILU);
            case QUICK_GELU -> Activation.QUICK_GELU.apply(kernel.apply(x, PackedKernel.After.NOTHING));
        };
    }

    /** One call on all of these rows, the result multiplied by [rows, out]. */
    Tensor callTimes(Tensor x, Tensor factor) {
        return kernel.applyTimes(x, factor);
    }
}
