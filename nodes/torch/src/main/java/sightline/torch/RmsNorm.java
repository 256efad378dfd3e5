package sightline.torch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Scales each row to a root mean square of one, then by a weight, all in float32, and rounds once at the end. */
public final class RmsNorm implements AutoCloseable {
    private final OwnedTensor scale;
    private final long[] shape;
    private final double epsilon;

    private RmsNorm(OwnedTensor scale, long[] shape, double epsilon) {
        this.scale = scale;
        this.shape = shape;
        this.epsilon = epsilon;
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
            return new RmsNorm(scale.addInPlace(weight.view()).own(), weight.shape(), epsilon);
        }
    }

    /**
     * Normalizes every row.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden] of x's type
     */
    public Tensor apply(Tensor x) {
        org.bytedeco.pytorch.Tensor wide = x.to(DType.FLOAT32).unwrap();
        TensorOptional factor = new TensorOptional(scale.tensor().unwrap());
        return Tensor.wrap(torch.rms_norm(wide, shape, factor, new DoubleOptional(epsilon))).to(x.dtype());
    }

    @Override
    public void close() {
        scale.close();
    }
}
