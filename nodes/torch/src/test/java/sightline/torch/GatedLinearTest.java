package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GatedLinearTest {
    private static final int IN = 48;
    private static final int OUT = 80;

    @ParameterizedTest
    @EnumSource(Activation.class)
    void isTheActivatedGateTimesTheOtherHalf(Activation activation) {
        Samples.torch();
        try (Arena arena = Arena.ofConfined()) {
            Weight gate = Samples.weight(arena, "gate", Samples.gaussian(1, OUT, IN), OUT, IN);
            Weight up = Samples.weight(arena, "up", Samples.gaussian(2, OUT, IN), OUT, IN);
            for (DType dtype : List.of(DType.FLOAT32, DType.BFLOAT16)) {
                try (GatedLinear gated = Samples.packed(dtype).gated(gate, up, activation);
                        TileLinear plainGate = Samples.packed(dtype).linear(gate);
                        TileLinear plainUp = Samples.packed(dtype).linear(up);
                        TensorScope _ = TensorScope.open()) {
                    Tensor x = Samples.random(dtype, 3, 37, IN);
                    double[] expected = ActivationTest.reference(activation,
                            plainGate.apply(x, Tile.separate(8)).toFloats());
                    float[] factors = plainUp.apply(x, Tile.separate(8)).toFloats();
                    for (int i = 0; i < expected.length; i++) {
                        expected[i] *= factors[i];
                    }
                    Samples.assertClose(gated.apply(x, Tile.separate(8)), expected, Samples.tolerance(dtype));
                    assertThat(gated.bytes()).isEqualTo(2L * OUT * IN * dtype.bytes());
                }
            }
        }
    }
}
