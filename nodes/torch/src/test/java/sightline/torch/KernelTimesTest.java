package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
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

    @BeforeAll
    static void start() {
        System.out.println(Samples.torch().build() + ", 2 threads");
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT32"})
    void linears(DType dtype) {
        try (TensorScope _ = TensorScope.open();
                TileLinear gate = TileLinearTest.linear(dtype, 1, INNER, HIDDEN);
                TileLinear up = TileLinearTest.linear(dtype, 2, INNER, HIDDEN);
                TileLinear qkv = TileLinearTest.linear(dtype, 3, (HEADS + 2) * HEAD_DIM, HIDDEN)) {
            time(dtype + " memory: sum of " + (gate.bytes() >> 20) + " MiB", readingOf(gate.bytes()));
            TileLinear gelu = gate.then(Activation.GELU_TANH);
            for (int rows : new int[]{1, 8, 32, 128, 640}) {
                Tensor x = Samples.random(dtype, 4, rows, HIDDEN);
                time(dtype + " 2048 -> 16384, rows " + rows, () -> gate.call(x));
                time(dtype + " 2048 -> 2 x 16384 gated, rows " + rows, () -> up.callTimes(x, gelu.call(x)));
                time(dtype + " 2048 -> 2560, rows " + rows, () -> qkv.call(x));
            }
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT32"})
    void attention(DType dtype) {
        try (TensorScope _ = TensorScope.open(); Rope rope = Rope.tables(dtype, 1024, HEAD_DIM, 10_000)) {
            Tensor mask = Attention.causalMask(dtype, 32);
            Tensor q = Samples.random(dtype, 1, 32, HEADS, HEAD_DIM);
            Tensor row = q.narrow(0, 0, 1);
            Rope.Turn turn = rope.from(608, 32);
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
