package sightline.torch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Scales each row to a root mean square of one, in float32, then by a weight of the model. */
public final class RmsNorm implements Norm {
    private final OwnedTensor scale;
    private final long[] shape;
    private final double epsilon;
    private final boolean roundedBetween;

    private RmsNorm(OwnedTensor scale, long[] shape, double epsilon, boolean roundedBetween) {
        this.scale = scale;
        this.shape = shape;
        this.epsilon = epsilon;
        this.roundedBetween = roundedBetween;
    }

    /**
     * Gemma's: the factor is 1 + weight, and both products come before the cast back.
     *
     * @param weight [hidden]
     */
    // https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/gemma/modeling_gemma.py#L46-L60
    public static RmsNorm gemma(Weight weight, double epsilon) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor scale = Tensor.zeros(DType.FLOAT32, weight.shape()).fillInPlace(1);
            return new RmsNorm(scale.addInPlace(weight.view()).own(), weight.shape(), epsilon, false);
        }
    }

    /**
     * Llama's: the factor is the weight, and the row is cast back before it is multiplied.
     *
     * @param weight [hidden]
     */
    // https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/llama/modeling_llama.py#L53-L70
    public static RmsNorm llama(DType compute, Weight weight, double epsilon) {
        try (TensorScope _ = TensorScope.open()) {
            return new RmsNorm(weight.copy(compute), weight.shape(), epsilon, true);
        }
    }

    @Override
    public Tensor apply(Tensor x) {
        org.bytedeco.pytorch.Tensor wide = x.to(DType.FLOAT32).unwrap();
        if (roundedBetween) {
            return normed(wide, new TensorOptional()).to(x.dtype()).mulInPlace(scale.tensor());
        }
        return normed(wide, new TensorOptional(scale.tensor().unwrap())).to(x.dtype());
    }

    @Override
    public void close() {
        scale.close();
    }

    private Tensor normed(org.bytedeco.pytorch.Tensor wide, TensorOptional factor) {
        return Tensor.wrap(torch.rms_norm(wide, shape, factor, new DoubleOptional(epsilon)));
    }
}
