package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Prints how long the kernels of a 2-billion-parameter Gemma take here, beside what the memory could do.
 *
 * <p>{@code mvn -pl nodes/torch test -Dtest=KernelTimesTest -Dsightline.kernel-times=true}
 */
@EnabledIfSystemProperty(named = "sightline.kernel-times", matches = "true", disabledReason = "a measurement, not a test")
class KernelTimesTest {
    private static final int HIDDEN = 2048;
    private static final int INNER = 16_384;
    private static final int HEADS = 8;
    private static final int HEAD_DIM = 256;
    private static final long COMPARED_NANOS = 2_000_000_000L;

    @BeforeAll
    static void start() {
        System.out.println(Samples.torch().build() + ", 2 threads");
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT32"})
    void linears(DType dtype) {
        try (TensorScope _ = TensorScope.open();
                TileLinear gate = TileLinearTest.linear(dtype, 1, INNER, HIDDEN);
                TileLinear qkv = TileLinearTest.linear(dtype, 3, (HEADS + 2) * HEAD_DIM, HIDDEN)) {
            time(dtype + " memory: sum of " + (gate.bytes() >> 20) + " MiB", readingOf(gate.bytes()));
            TileLinear gelu = gate.then(Activation.GELU_TANH);
            for (int rows : new int[]{1, 8, 32, 128, 640}) {
                Tensor x = Samples.random(dtype, 4, rows, HIDDEN);
                time(dtype + " 2048 -> 16384, rows " + rows, () -> gate.call(x));
                time(dtype + " 2048 -> 16384 activated, rows " + rows, () -> gelu.call(x));
                time(dtype + " 2048 -> 2560, rows " + rows, () -> qkv.call(x));
            }
        }
    }

    /**
     * Each pair of calls one after the other, so that both meet the same neighbours on the machine. A single row is padded
     * to a tile of eight, as a decode step does it.
     */
    @ParameterizedTest
    @CsvSource({"2048,16384", "16384,2048", "2048,2560", "2048,256064"})
    void int8BesideBfloat16(int in, int out) {
        try (TensorScope _ = TensorScope.open();
                TileLinear packed = layer(WeightClass.BFLOAT16, out, in);
                TileLinear int8 = layer(WeightClass.INT8, out, in)) {
            for (int rows : new int[]{1, 8, 32, 128, 640}) {
                Tensor x = Samples.random(DType.BFLOAT16, 4, rows, in);
                Tile tile = rows < 32 ? Tile.separate(8) : Tile.separate(32).joining(4);
                compare(in + " -> " + out + ", rows " + rows, () -> packed.apply(x, tile), () -> int8.apply(x, tile));
            }
        }
    }

    @Test
    void int8GatedBesideBfloat16() {
        try (TensorScope _ = TensorScope.open()) {
            Weight weight = weight(INNER, HIDDEN);
            try (GatedLinear packed = Linears.packed(WeightClass.BFLOAT16).gated(weight, weight, Activation.GELU_TANH);
                    GatedLinear int8 = Linears.packed(WeightClass.INT8).gated(weight, weight, Activation.GELU_TANH)) {
                for (int rows : new int[]{1, 8, 32, 128, 640}) {
                    Tensor x = Samples.random(DType.BFLOAT16, 4, rows, HIDDEN);
                    Tile tile = rows < 32 ? Tile.separate(8) : Tile.separate(32).joining(4);
                    compare("2048 -> 2 x 16384 gated, rows " + rows, () -> packed.apply(x, tile),
                            () -> int8.apply(x, tile));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"8,2048", "8,16384", "32,16384", "128,16384"})
    void roundingRowsInJavaBesideLibTorchsOperators(int rows, int in) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor x = Samples.random(DType.BFLOAT16, 4, rows, in);
            compare("rounding " + rows + " x " + in + ", LibTorch then Java", () -> roundedByOperators(x),
                    () -> QuantizedRows.of(x.to(DType.FLOAT32), 0, in));
        }
    }

    private static void roundedByOperators(Tensor x) {
        var wide = x.to(DType.FLOAT32).unwrap();
        var largest = torch.amax(wide.abs(), new long[]{1}, true);
        var factor = largest.reciprocal().mul(new Scalar(127.0));
        var steps = wide.mul_(factor).add_(new Scalar(128.5)).to(ScalarType.Byte);
        assertThat(steps).isNotNull();
    }

    private static TileLinear layer(WeightClass weights, int out, int in) {
        return Linears.packed(weights).linear(weight(out, in));
    }

    /** Uniform numbers, made fast. */
    private static Weight weight(int out, int in) {
        Tensor numbers = Tensor.wrap(torch.rand(out, in)).to(DType.BFLOAT16);
        return Weight.stored("w", numbers.memory(), DType.BFLOAT16, out, in);
    }

    private static void compare(String what, Runnable first, Runnable second) {
        List<Long> firsts = new ArrayList<>();
        List<Long> seconds = new ArrayList<>();
        // The first half makes kernels and lets the Java compiler do its work.
        long end = System.nanoTime() + COMPARED_NANOS;
        while (firsts.size() < 4 || (firsts.size() < 400 && System.nanoTime() < end)) {
            firsts.add(nanos(first));
            seconds.add(nanos(second));
        }
        long one = median(firsts.subList(firsts.size() / 2, firsts.size()));
        long other = median(seconds.subList(firsts.size() / 2, firsts.size()));
        System.out.printf(Locale.ROOT, "%-45s %9.3f ms, %9.3f ms, ratio %.2f%n", what, one / 1e6, other / 1e6,
                (double) other / one);
    }

    private static long median(List<Long> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT32"})
    void attention(DType dtype) {
        try (TensorScope _ = TensorScope.open(); Rope rope = Rope.tables(dtype, 1024, HEAD_DIM, 10_000)) {
            Tensor mask = Attention.causalMask(dtype, 32);
            Tensor q = Samples.random(dtype, 1, 32, HEADS, HEAD_DIM);
            Tensor row = q.narrow(0, 0, 1);
            Rope.Turn turn = rope.at(LongStream.range(608, 640).toArray());
            for (int length : new int[]{64, 640}) {
                Tensor kv = Samples.random(dtype, 2, length, 1, HEAD_DIM);
                time(dtype + " prompt tile of 32 against " + length, () -> Attention.prefillTile(q, kv, kv, mask));
                time(dtype + " generated row against " + length, () -> Attention.decodeRow(row, kv, kv, length - 3));
            }
            time(dtype + " rope, 32 rows", () -> turn.apply(q));
            Tensor picture = Samples.random(dtype, 3, 577, 16, 64);
            time(dtype + " picture 577 x 16 x 64", () -> Attention.full(picture, picture, picture));
        }
    }

    private static Runnable readingOf(long bytes) {
        Tensor numbers = Tensor.zeros(DType.FLOAT32, bytes / Float.BYTES);
        return () -> assertThat(numbers.unwrap().sum()).isNotNull();
    }

    private static void time(String what, Runnable body) {
        List<Long> nanos = LongStream.range(0, 12).map(_ -> nanos(body)).skip(2).sorted().boxed().toList();
        System.out.printf(Locale.ROOT, "%-45s best %9.3f ms, median %9.3f ms%n", what, nanos.getFirst() / 1e6,
                nanos.get(nanos.size() / 2) / 1e6);
    }

    private static long nanos(Runnable body) {
        long start = System.nanoTime();
        TensorScope.keeping(() -> {
            body.run();
            return Tensor.zeros(DType.FLOAT32, 1);
        });
        return System.nanoTime() - start;
    }
}
