package sightline.torch;

import java.util.Optional;
import org.bytedeco.pytorch.IValue;

/**
 * oneDNN's matrix product on a weight that was put into the kernel's own layout beforehand.
 *
 * <p>It reaches the memory limit for few rows, where a plain linear, which reorders the weight inside every call, loses
 * 40 %. What follows the product (an activation, a factor) runs on its registers and costs next to nothing.
 */
final class PackedKernel implements AutoCloseable {
    private static final BoxedOperator REORDER = BoxedOperator.named("mkldnn::_reorder_linear_weight", "");
    private static final BoxedOperator LINEAR = BoxedOperator.named("mkldnn::_linear_pointwise", "");
    private static final BoxedOperator LINEAR_BINARY = BoxedOperator.named("mkldnn::_linear_pointwise", "binary");
    private static final IValue ABSENT = Scopes.lasting(new IValue());
    private static final IValue NO_SCALARS = LINEAR.emptyList(4);
    private static final IValue TIMES = text("mul");

    private final IValue packed;
    private final Optional<IValue> bias;

    private PackedKernel(IValue packed, Optional<IValue> bias) {
        this.packed = packed;
        this.bias = bias;
    }

    /** What can follow the product inside the kernel, in the kernel's own terms. */
    record After(IValue name, IValue algorithm) {
        static final After NOTHING = new After(text("none"), text(""));
        static final After GELU_ERF = new After(text("gelu"), text("none"));
        static final After GELU_TANH = new After(text("gelu"), text("tanh"));
        static final After SILU = new After(text("swish"), text(""));
    }

    /**
     * Puts a weight into the kernel's layout; the copy lives until this is closed.
     *
     * @param weight [out, in], dense
     * @param bias [out]
     */
    static PackedKernel pack(Tensor weight, Optional<Tensor> bias) {
        Tensor packed = REORDER.call(new IValue(weight.unwrap()), ABSENT);
        return new PackedKernel(Scopes.lasting(new IValue(packed.unwrap())),
                bias.map(b -> Scopes.lasting(new IValue(b.unwrap()))));
    }

    /**
     * Multiplies rows by the packed weight, adds the bias, and applies what follows.
     *
     * @param x [rows, in] of the weight's type
     * @return [rows, out]
     */
    Tensor apply(Tensor x, After after) {
        return LINEAR.call(new IValue(x.unwrap()), packed, bias.orElse(ABSENT), after.name, NO_SCALARS,
                after.algorithm);
    }

    /**
     * The product with the packed weight, times another tensor element by element, rounded once.
     *
     * @param x [rows, in] of the weight's type
     * @param factor [rows, out] of the weight's type, dense
     * @return [rows, out]
     */
    Tensor applyTimes(Tensor x, Tensor factor) {
        return LINEAR_BINARY.call(new IValue(x.unwrap()), new IValue(factor.unwrap()), packed, bias.orElse(ABSENT),
                TIMES);
    }

    @Override
    public void close() {
        packed.close();
        bias.ifPresent(IValue::close);
    }

    private static IValue text(String value) {
        return Scopes.lasting(new IValue(value));
    }
}
