package sightline.language.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import sightline.model.ModelProblem;
import sightline.model.StoredTensor;
import sightline.model.TextConfig;
import sightline.model.Weights;
import sightline.torch.Activation;
import sightline.torch.DType;
import sightline.torch.GatedLinear;
import sightline.torch.LayerNorm;
import sightline.torch.Linears;
import sightline.torch.Norm;
import sightline.torch.RmsNorm;
import sightline.torch.TileLinear;
import sightline.torch.Weight;

/** Packs the named tensors of a checkpoint; each is unmapped as soon as it is packed. */
final class LayerWeights {
    private final Weights weights;
    private final TextConfig shape;
    private final Linears linears;

    LayerWeights(Weights weights, TextConfig shape, Linears linears) {
        this.weights = weights;
        this.shape = shape;
        this.linears = linears;
    }

    /** A tensor as it is stored, which stays mapped. */
    Weight mapped(String name) throws ModelProblem {
        return weight(weights.get(name));
    }

    /** Matrices that read the same input, as one. */
    TileLinear linear(String... names) throws ModelProblem {
        var stored = stored(names, ".weight");
        var packed = linears.linear(stored.stream().map(LayerWeights::weight).toList(), List.of());
        stored.forEach(weights::release);
        return packed;
    }

    /** The same with a bias for each. */
    TileLinear affine(String... names) throws ModelProblem {
        var stored = stored(names, ".weight");
        var biases = stored(names, ".bias");
        var packed = linears.linear(stored.stream().map(LayerWeights::weight).toList(),
                biases.stream().map(LayerWeights::weight).toList());
        Stream.concat(stored.stream(), biases.stream()).forEach(weights::release);
        return packed;
    }

    GatedLinear gated(String gate, String up) throws ModelProblem {
        var stored = stored(new String[]{gate, up}, ".weight");
        var packed = linears.gated(weight(stored.getFirst()), weight(stored.getLast()), activation());
        stored.forEach(weights::release);
        return packed;
    }

    /** The family's norm. */
    Norm norm(String name) throws ModelProblem {
        var scale = weights.get(name + ".weight");
        var norm = switch (shape.family()) {
            case GEMMA -> RmsNorm.gemma(weight(scale), shape.normEps());
            case LLAMA -> RmsNorm.llama(linears.compute(), weight(scale), shape.normEps());
            case PHI -> layerNorm(scale, name + ".bias");
        };
        weights.release(scale);
        return norm;
    }

    Activation activation() {
        return switch (shape.activation()) {
            case GELU_ERF -> Activation.GELU_ERF;
            case GELU_TANH -> Activation.GELU_TANH;
            case QUICK_GELU -> Activation.QUICK_GELU;
            case SILU -> Activation.SILU;
        };
    }

    private Norm layerNorm(StoredTensor scale, String bias) throws ModelProblem {
        var shift = weights.get(bias);
        var norm = LayerNorm.load(linears.compute(), weight(scale), weight(shift), shape.normEps());
        weights.release(shift);
        return norm;
    }

    private List<StoredTensor> stored(String[] names, String part) throws ModelProblem {
        var stored = new ArrayList<StoredTensor>();
        for (String name : Arrays.asList(names)) {
            stored.add(weights.get(name + part));
        }
        return stored;
    }

    private static Weight weight(StoredTensor stored) {
        long[] shape = stored.shape().stream().mapToLong(Long::longValue).toArray();
        return Weight.stored(stored.name(), stored.bytes(), dtype(stored), shape);
    }

    private static DType dtype(StoredTensor stored) {
        return switch (stored.type()) {
            case F32 -> DType.FLOAT32;
            case BF16 -> DType.BFLOAT16;
            case F16 -> DType.FLOAT16;
        };
    }
}
