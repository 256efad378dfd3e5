package sightline.deploy.synth;

import java.util.ArrayList;
import java.util.List;
import sightline.deploy.synth.TensorSpec.Fill;

/**
 * Tensors in the order in which they are written, by the layers that hold them.
 *
 * <p>Weights of a layer are normal with deviation gain/sqrt(fan-in), so that a normalized input gives an output of
 * variance gain².
 */
final class TensorList {

    private final List<TensorSpec> specs = new ArrayList<>();

    List<TensorSpec> specs() {
        return List.copyOf(specs);
    }

    void linear(String name, double gain, int out, int in) {
        normal(name + ".weight", gain / Math.sqrt(in), out, in);
    }

    /** With a bias of zeros. */
    void biasedLinear(String name, double gain, int out, int in) {
        linear(name, gain, out, in);
        constant(name + ".bias", 0, out);
    }

    /** One that leaves what it has normalized as it is. */
    void layerNorm(String name, int hidden) {
        constant(name + ".weight", 1, hidden);
        constant(name + ".bias", 0, hidden);
    }

    void normal(String name, double deviation, Integer... sizes) {
        specs.add(new TensorSpec(name, List.of(sizes), new Fill.Normal(deviation)));
    }

    void constant(String name, float value, Integer... sizes) {
        specs.add(new TensorSpec(name, List.of(sizes), new Fill.Constant(value)));
    }

    void eitherOf(String name, float one, float other, int size) {
        specs.add(new TensorSpec(name, List.of(size), new Fill.EitherOf(one, other)));
    }
}
