package sightline.torch;

import java.util.Optional;
import org.bytedeco.pytorch.IValue;

/**
 * oneDNN's matrix product on a weight that was put into the kernel's own layout beforehand.
 *
 * <p>It reaches the memory limit for few rows, where a plain linear, which reorders the weight inside every call, loses
 * 40 %. What follows the product (an activation, a factor) runs on its registers and costs next to nothing.
 */
final class PackedKernel implements LinearKernel {
    private static final BoxedOperator REORDER = BoxedOperator.named("mkldnn::_reorder_linear_weight", "");
    private static final BoxedOperator LINEAR = BoxedOperator.named("mkldnn::_linear_pointwise", "");
    private static final BoxedOperator LINEAR_BINARY = BoxedOperator.named("mkldnn::_linear_pointwise", "binary");
    private static final IValue ABSENT = Scopes.lasting(new IValue());
    private static final IValue NO_SCALARS = LINEAR.emptyList(4);
    private static final IValue TIMES = BoxedOperator.text("mul");

    private final IValue packed;
    private final Optional<IValue> bias;
    private final long bytes;

    private PackedKernel(IValue packed, Optional<IValue> bias, long bytes) {
        this.packed = packed;
        this.bias = bias;
        this.bytes = bytes;
    }

    /** What can follow the product inside the kernel, in the kernel's own terms. */
    private record After(IValue name, IValue algorithm) {
        static final After NOTHING = new After(BoxedOperator.text("none"), BoxedOperator.text(""));
        static final After GELU_ERF = new After(BoxedOperator.text("gelu"), BoxedOperator.text("none"));
        static final After GELU_TANH = new After(BoxedOperator.text("gelu"), BoxedOperator.text("tanh"));
        static final After SILU = new After(BoxedOperator.text("swish"), BoxedOperator.text(""));
    }

    /**
     * Puts a weight into the kernel's layout; the copy lives until this is closed.
     *
     * @param weight [out, in], dense
     * @param bias [out]
     */
    static PackedKernel pack(Tensor weight, Optional<Tensor> bias) {
        Tensor packed = REORDER.call(new IValue(weight.unwrap()), ABSENT);
        long bytes = weight.byteSize() + bias.map(Tensor::byteSize).orElse(0L);
        return new PackedKernel(Scopes.lasting(new IValue(packed.unwrap())),
                bias.map(b -> Scopes.lasting(new IValue(b.unwrap()))), bytes);
    }

    /** Rows and results are of the weight's type. */
    @Override
    public Tensor apply(Tensor x, Optional<Activation> after) {
        if (after.isEmpty()) {
            return call(x, After.NOTHING);
        }
        return switch (after.get()) {
            case GELU_ERF -> call(x, After.GELU_ERF);
            case GELU_TANH -> call(x, After.GELU_TANH);
            case SILU -> call(x, After.SILU);
            case QUICK_GELU -> Activation.QUICK_GELU.apply(call(x, After.NOTHING));
        };
    }

    private Tensor call(Tensor x, After after) {
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
    private Tensor applyTimes(Tensor x, Tensor factor) {
        return LINEAR_BINARY.call(new IValue(x.unwrap()), new IValue(factor.unwrap()), packed, bias.orElse(ABSENT),
                TIMES);
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        packed.close();
        bias.ifPresent(IValue::close);
    }

    /** A gated pair, whose activation and product run inside the kernels. */
    record Gated(PackedKernel gate, Activation activation, PackedKernel up) implements GatedKernel {
        @Override
        public Tensor apply(Tensor x) {
            return up.applyTimes(x, gate.apply(x, Optional.of(activation)));
        }

        @Override
        public long bytes() {
            return gate.bytes() + up.bytes();
        }

        @Override
        public void close() {
            gate.close();
            up.close();
        }
    }
}
