package sightline.torch;

import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Normalizes each row to mean zero and variance one, then scales and shifts it by weights of the model. */
public final class LayerNorm implements Norm {
    private final OwnedTensor scale;
    private final OwnedTensor shift;
    private final long[] shape;
    private final double epsilon;

    private LayerNorm(OwnedTensor scale, OwnedTensor shift, long[] shape, double epsilon) {
        this.scale = scale;
        this.shift = shift;
        this.shape = shape;
        this.epsilon = epsilon;
    }

    /**
     * Loads a layer's scale and shift.
     *
     * @param weight [hidden]
     * @param bias [hidden]
     */
    public static LayerNorm load(DType compute, Weight weight, Weight bias, double epsilon) {
        try (TensorScope _ = TensorScope.open()) {
            return new LayerNorm(weight.copy(compute), bias.copy(compute), weight.shape(), epsilon);
        }
    }

    /**
     * Normalizes every row.
     *
     * @param x [rows, hidden] of the type it was loaded in
     * @return [rows, hidden]
     */
    @Override
    public Tensor apply(Tensor x) {
        TensorOptional weight = new TensorOptional(scale.tensor().unwrap());
        TensorOptional bias = new TensorOptional(shift.tensor().unwrap());
        return Tensor.wrap(torch.layer_norm(x.unwrap(), shape, weight, bias, epsilon, false));
    }

    @Override
    public void close() {
        scale.close();
        shift.close();
    }
}
