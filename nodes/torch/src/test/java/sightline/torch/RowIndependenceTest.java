package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What strict tiles rest on, found out for the LibTorch build that this project ships. */
class RowIndependenceTest {
    private static final int LARGEST = 160;
    private static final List<Integer> COUNTS = Stream
            .concat(IntStream.rangeClosed(1, 64).boxed(), Stream.of(96, 128, LARGEST))
            .toList();

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @ParameterizedTest
    @CsvSource({"BFLOAT16,640,160", "BFLOAT16,160,640", "BFLOAT16,320,588", "BFLOAT16,577,333", "BFLOAT16,2048,1024",
        "FLOAT32,640,160", "FLOAT32,160,640", "FLOAT32,320,588", "FLOAT32,577,333", "FLOAT32,2048,1024"})
    void packedLinearGivesARowTheSameBitsInAnyNumberOfRowsAtAnyPlace(DType dtype, int out, int in) {
        try (TensorScope _ = TensorScope.open(); TileLinear linear = TileLinearTest.linear(dtype, 1, out, in)) {
            assertThat(countsThatDiffer(linear)).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"FLOAT32", "BFLOAT16"})
    void activationInsideTheKernelKeepsRowsIndependent(DType dtype) {
        for (Activation activation : List.of(Activation.GELU_ERF, Activation.GELU_TANH, Activation.SILU)) {
            try (TensorScope _ = TensorScope.open(); TileLinear linear = TileLinearTest.linear(dtype, 1, 640, 160)) {
                assertThat(countsThatDiffer(linear.then(activation))).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"FLOAT32,160", "FLOAT32,2048", "BFLOAT16,160", "BFLOAT16,2048"})
    void normsAndActivationsKeepRowsIndependentInTiles(DType dtype, int width) {
        try (Arena arena = Arena.ofConfined();
                RmsNorm rms = RmsNorm.gemma(Samples.weight(arena, "w", Samples.gaussian(1, width), width), 1e-6);
                LayerNorm layer = LayerNorm.load(dtype, Samples.weight(arena, "w", Samples.gaussian(1, width), width),
                        Samples.weight(arena, "b", Samples.gaussian(2, width), width), 1e-5)) {
            List<RowFunction> functions = new ArrayList<>();
            functions.add(RowFunction.of("rms", width, dtype, rms::apply));
            functions.add(RowFunction.of("layer", width, dtype, layer::apply));
            for (Activation activation : Activation.values()) {
                functions.add(RowFunction.of(activation.name(), width, dtype, activation::apply));
            }
            assertThat(SelfTest.run(functions, new Tile(8, 8)).reasons()).isEmpty();
            assertThat(SelfTest.run(functions, new Tile(32, 4)).reasons()).isEmpty();
        }
    }

    private static List<Integer> countsThatDiffer(TileLinear linear) {
        Tensor x = Samples.random(linear.dtype(), 2, LARGEST, linear.width());
        Tensor expected = linear.apply(x, Tile.separate(8));
        List<Integer> differ = new ArrayList<>();
        for (int count : COUNTS) {
            for (int from : new int[]{0, 3, LARGEST - count}) {
                int length = Math.min(count, LARGEST - from);
                Tensor y = linear.call(x.narrow(0, from, length).contiguous());
                if (!y.sameBits(expected.narrow(0, from, length))) {
                    differ.add(count);
                }
            }
        }
        return differ;
    }
}
