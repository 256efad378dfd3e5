package sightline.torch;

import java.util.List;
import java.util.Optional;

/**
 * Makes the linear layers of a model: all of one weight class, on the same kernels.
 *
 * @param cache where int8 weights lie that were rounded before; the other classes have no use for it
 */
public record Linears(WeightClass weights, Kernels kernels, Optional<WeightCache> cache) {
    public Linears {
        if (weights == WeightClass.INT8 && kernels == Kernels.PLAIN) {
            throw new IllegalArgumentException("kernels: plain (expected: packed for int8 weights)");
        }
    }

    /** On the CPU's packed kernels, without a cache. */
    public static Linears packed(WeightClass weights) {
        return new Linears(weights, Kernels.PACKED, Optional.empty());
    }

    /** For single layers that are not to be rounded to eight bits: weights of the type computed in. */
    public Linears unrounded() {
        return weights == WeightClass.INT8 ? new Linears(WeightClass.BFLOAT16, kernels, Optional.empty()) : this;
    }

    /** The type of rows and results. */
    public DType compute() {
        return weights.compute();
    }

    /**
     * Makes one layer.
     *
     * @param weight [out, in]
     * @throws NonFiniteWeightException if it holds NaN or infinity
     */
    public TileLinear linear(Weight weight) {
        return linear(List.of(weight), List.of());
    }

    /**
     * Makes one layer of several that read the same input; its output columns are theirs in this order.
     *
     * @param parts [out, in] each, equal in their number of columns
     * @param biases [out] each, one per weight, or none at all
     * @throws NonFiniteWeightException if one of them holds NaN or infinity
     */
    public TileLinear linear(List<Weight> parts, List<Weight> biases) {
        if (parts.isEmpty() || (!biases.isEmpty() && biases.size() != parts.size())) {
            throw new IllegalArgumentException("biases: " + biases.size() + " (expected: none or "
                    + parts.size() + ", one per weight, and a weight at least)");
        }
        LinearShape shape = shape(parts, !biases.isEmpty());
        return Malloc.returningTemporaries(() -> {
            try (TensorScope _ = TensorScope.open()) {
                return TileLinear.on(shape, kernel(parts, biases));
            }
        });
    }

    /**
     * Makes the first half of a gated MLP.
     *
     * @param gate [out, in]
     * @param up [out, in]
     * @throws NonFiniteWeightException if one of them holds NaN or infinity
     */
    public GatedLinear gated(Weight gate, Weight up, Activation activation) {
        LinearShape shape = shape(List.of(gate), false);
        return Malloc.returningTemporaries(() -> {
            try (TensorScope _ = TensorScope.open()) {
                return new GatedLinear(shape, activation, gatedKernel(gate, up, activation));
            }
        });
    }

    private LinearKernel kernel(List<Weight> parts, List<Weight> biases) {
        if (weights == WeightClass.INT8) {
            return Int8Kernel.pack(Int8Weight.of(parts, cache), bias(DType.FLOAT32, biases));
        }
        Tensor weight = parts.size() == 1 ? parts.getFirst().load(compute()) : joinedCopy(compute(), parts);
        return switch (kernels) {
            case PACKED -> PackedKernel.pack(weight, bias(compute(), biases));
            case PLAIN -> PlainKernel.copy(weight, bias(compute(), biases));
        };
    }

    private GatedKernel gatedKernel(Weight gate, Weight up, Activation activation) {
        if (weights == WeightClass.INT8) {
            return new Int8Kernel.Gated(
                    Int8Kernel.pack(Int8Weight.of(List.of(gate, up), cache), Optional.empty()), activation);
        }
        return switch (kernels) {
            case PACKED -> new PackedKernel.Gated(PackedKernel.pack(gate.load(compute()), Optional.empty()),
                    activation, PackedKernel.pack(up.load(compute()), Optional.empty()));
            case PLAIN -> new PlainKernel.Gated(PlainKernel.copy(gate.load(compute()), Optional.empty()), activation,
                    PlainKernel.copy(up.load(compute()), Optional.empty()));
        };
    }

    private LinearShape shape(List<Weight> parts, boolean biased) {
        long out = parts.stream().mapToLong(part -> part.shape()[0]).sum();
        return new LinearShape(weights, kernels, Math.toIntExact(parts.getFirst().shape()[1]), Math.toIntExact(out),
                biased);
    }

    private static Optional<Tensor> bias(DType dtype, List<Weight> biases) {
        return biases.isEmpty() ? Optional.empty() : Optional.of(joinedCopy(dtype, biases));
    }

    private static Tensor joinedCopy(DType dtype, List<Weight> parts) {
        long[] shape = parts.getFirst().shape();
        shape[0] = parts.stream().mapToLong(part -> part.shape()[0]).sum();
        Tensor all = Tensor.zeros(dtype, shape);
        long row = 0;
        for (Weight part : parts) {
            Tensor stored = part.view();
            all.narrow(0, row, stored.size(0)).copyInPlace(stored);
            row += stored.size(0);
        }
        return all;
    }
}
