package sightline.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TensorScopeTest {
    /** The Java compiler's own memory comes and goes by some 10 MB meanwhile. */
    private static final long LARGE_BYTES = 64 << 20;

    /** Half a kilobyte a step. */
    private static final long LEAK_BYTES = 500_000;

    private static final int WIDTH = 96;
    private static final int INNER = 256;

    @BeforeAll
    static void start() {
        Samples.torch();
    }

    @Test
    void tensorOutsideAnyScopeIsRefused() {
        assertThatThrownBy(() -> Tensor.zeros(DType.FLOAT32, 1)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("TensorScope");
    }

    @Test
    void closingFreesWhatWasMade() {
        Tensor tensor;
        long before = NativeMemory.bytes();
        try (TensorScope _ = TensorScope.open()) {
            tensor = Tensor.zeros(DType.FLOAT32, LARGE_BYTES / Float.BYTES);
            assertThat(NativeMemory.bytes() - before).isGreaterThan(LARGE_BYTES / 2);
        }
        assertThat(NativeMemory.bytes() - before).isLessThan(LARGE_BYTES / 2);
        assertThatThrownBy(tensor::toFloats).isInstanceOf(NullPointerException.class);
    }

    @Test
    void ownedTensorOutlivesItsScopeUntilClosed() {
        long before = NativeMemory.bytes();
        OwnedTensor owned;
        try (TensorScope _ = TensorScope.open()) {
            owned = Tensor.zeros(DType.FLOAT32, LARGE_BYTES / Float.BYTES).own();
        }
        try (TensorScope _ = TensorScope.open()) {
            assertThat(owned.tensor().fillInPlace(3).narrow(0, 7, 1).toFloats()).containsExactly(3);
        }
        owned.close();
        owned.close();
        assertThat(NativeMemory.bytes() - before).isLessThan(LARGE_BYTES / 2);
    }

    @Test
    void keepingFreesAllButTheResult() {
        long before = NativeMemory.bytes();
        try (TensorScope _ = TensorScope.open()) {
            Tensor kept = TensorScope.keeping(() -> {
                Tensor large = Tensor.zeros(DType.FLOAT32, LARGE_BYTES / Float.BYTES).fillInPlace(2);
                return large.narrow(0, 0, 2).mul(2);
            });
            assertThat(NativeMemory.bytes() - before).isLessThan(LARGE_BYTES / 2);
            assertThat(kept.toFloats()).containsExactly(4, 4);
        }
    }

    @Test
    void keepingHandsOutTensorsFromOutsideUnharmed() {
        try (TensorScope _ = TensorScope.open()) {
            Tensor outside = Tensor.of(new float[]{5}, 1);
            TensorScope.keeping(() -> outside);
            assertThat(outside.toFloats()).containsExactly(5);
        }
    }

    @Test
    void scopeIsClosedByItsOwnThreadOnly() {
        try (var executor = Executors.newSingleThreadExecutor(); TensorScope scope = TensorScope.open()) {
            assertThatThrownBy(() -> CompletableFuture.runAsync(scope::close, executor).join())
                    .isInstanceOf(CompletionException.class)
                    .hasMessageContaining("closed by");
        }
    }

    @Test
    void nativeBytesStayLevelOverAThousandSteps() {
        try (Layer layer = Layer.make()) {
            assertThat(leastGrowthOverAThousand(layer::step)).isLessThanOrEqualTo(LEAK_BYTES);
        }
    }

    @Test
    void oneForgottenKilobyteAStepWouldBeNoticed() {
        List<OwnedTensor> forgotten = new ArrayList<>();
        assertThat(leastGrowthOverAThousand(() -> {
            try (TensorScope _ = TensorScope.open()) {
                forgotten.add(Tensor.zeros(DType.FLOAT32, 256).own());
            }
        })).isGreaterThan(LEAK_BYTES);
        forgotten.forEach(OwnedTensor::close);
    }

    /** The least of some trials: the Java compiler allocates from the same place, now and then and for a moment. */
    private static long leastGrowthOverAThousand(Runnable step) {
        lowestOverAThousand(step);
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 4 && least > LEAK_BYTES; i++) {
            long before = lowestOverAThousand(step);
            least = Math.min(least, lowestOverAThousand(step) - before);
        }
        return least;
    }

    private static long lowestOverAThousand(Runnable step) {
        long lowest = Long.MAX_VALUE;
        for (int i = 0; i < 1000; i++) {
            step.run();
            if (i % 50 == 0) {
                lowest = Math.min(lowest, NativeMemory.bytes());
            }
        }
        return lowest;
    }

    /** All kinds of operators that a step uses. */
    private record Layer(TileLinear in, TileLinear out, Rope rope) implements AutoCloseable {
        static Layer make() {
            try (TensorScope _ = TensorScope.open()) {
                return new Layer(TileLinearTest.linear(DType.BFLOAT16, 1, INNER, WIDTH).then(Activation.GELU_TANH),
                        TileLinearTest.linear(DType.BFLOAT16, 2, WIDTH, INNER),
                        Rope.tables(DType.BFLOAT16, 64, WIDTH / 2, 10_000));
            }
        }

        void step() {
            try (TensorScope _ = TensorScope.open()) {
                Tensor x = Tensor.zeros(DType.BFLOAT16, 37, WIDTH).fillInPlace(0.5);
                Tensor y = TensorScope.keeping(() -> out.apply(in.apply(x, new Tile(8, 2)), Tile.separate(32)));
                Tensor q = rope.at(3, 5).apply(y.firstRows(2).reshape(2, 2, WIDTH / 2));
                Attention.prefillTile(q, q, q, Attention.causalMask(DType.BFLOAT16, 2)).toFloats();
            }
        }

        @Override
        public void close() {
            in.close();
            out.close();
            rope.close();
        }
    }
}
