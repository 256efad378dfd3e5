package sightline.torch;

import java.util.List;
import java.util.Optional;

/** Turns weights of a checkpoint into one {@link TileLinear}, never holding more than one unpacked copy of them. */
final class LinearPacking {
    private LinearPacking() {}

    static TileLinear pack(DType compute, List<Weight> weights, List<Weight> biases) {
        if (weights.isEmpty() || (!biases.isEmpty() && biases.size() != weights.size())) {
            throw new IllegalArgumentException("biases: " + biases.size() + " (expected: none or "
                    + weights.size() + ", one per weight, and a weight at least)");
        }
        return Malloc.returningTemporaries(() -> packed(compute, weights, biases));
    }

    private static TileLinear packed(DType compute, List<Weight> weights, List<Weight> biases) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor weight = joined(compute, weights);
            Optional<Tensor> bias = biases.isEmpty() ? Optional.empty() : Optional.of(joinedCopy(compute, biases));
            return TileLinear.of(weight, bias);
        }
    }

    private static Tensor joined(DType compute, List<Weight> parts) {
        return parts.size() == 1 ? parts.getFirst().load(compute) : joinedCopy(compute, parts);
    }

    private static Tensor joinedCopy(DType compute, List<Weight> parts) {
        long[] shape = parts.getFirst().shape();
        shape[0] = parts.stream().mapToLong(part -> part.shape()[0]).sum();
        Tensor all = Tensor.zeros(compute, shape);
        long row = 0;
        for (Weight part : parts) {
            Tensor stored = part.view();
            all.narrow(0, row, stored.size(0)).copyInPlace(stored);
            row += stored.size(0);
        }
        return all;
    }
}
