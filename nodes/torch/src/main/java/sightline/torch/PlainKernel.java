package sightline.torch;

import java.util.Optional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** LibTorch's own matrix product, on whatever device the process computes with. */
final class PlainKernel implements LinearKernel {
    private final OwnedTensor weight;
    private final Optional<OwnedTensor> bias;
    private final long bytes;

    private PlainKernel(OwnedTensor weight, Optional<OwnedTensor> bias, long bytes) {
        this.weight = weight;
        this.bias = bias;
        this.bytes = bytes;
    }

    /**
     * Keeps a copy of the weight; it lives until this is closed.
     *
     * @param weight [out, in]
     * @param bias [out]
     */
    static PlainKernel copy(Tensor weight, Optional<Tensor> bias) {
        long bytes = weight.byteSize() + bias.map(Tensor::byteSize).orElse(0L);
        return new PlainKernel(weight.copy().own(), bias.map(b -> b.copy().own()), bytes);
    }

    @Override
    public Tensor apply(Tensor x, Optional<Activation> after) {
        TensorOptional added = bias.map(b -> new TensorOptional(b.tensor().unwrap())).orElseGet(TensorOptional::new);
        Tensor y = Tensor.wrap(torch.linear(x.unwrap(), weight.tensor().unwrap(), added));
        return after.map(activation -> activation.apply(y)).orElse(y);
    }

    @Override
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        weight.close();
        bias.ifPresent(OwnedTensor::close);
    }

    /** A gated pair of plain weights. */
    record Gated(PlainKernel gate, Activation activation, PlainKernel up) implements GatedKernel {
        @Override
        public Tensor apply(Tensor x) {
            return gate.apply(x, Optional.of(activation)).mulInPlace(up.apply(x, Optional.empty()));
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
