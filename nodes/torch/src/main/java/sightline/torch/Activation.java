package sightline.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;

/** The non-linear functions of the models served, each element by itself. */
public enum Activation {
    /** Exact: x · Φ(x). */
    GELU_ERF,
    /** The tanh approximation of GELU. */
    GELU_TANH,
    /** CLIP's: x · sigmoid(1.702 x). */
    QUICK_GELU,
    /** x · sigmoid(x). */
    SILU;

    public Tensor apply(Tensor x) {
        return Tensor.wrap(switch (this) {
            case GELU_ERF -> torch.gelu(x.unwrap(), "none");
            case GELU_TANH -> torch.gelu(x.unwrap(), "tanh");
            case QUICK_GELU -> x.unwrap().mul(new Scalar(1.702)).sigmoid_().mul_(x.unwrap());
            case SILU -> torch.silu(x.unwrap());
        });
    }
}
