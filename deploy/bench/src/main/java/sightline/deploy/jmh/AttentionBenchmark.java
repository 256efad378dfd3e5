package sightline.deploy.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sightline.torch.Attention;
import sightline.torch.DType;
import sightline.torch.OwnedTensor;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;

/**
 * Attention of one layer over the two layouts that keys and values can have, for one key-value head (Gemma 2b, 18 KB a
 * token in all its layers) and for as many as query heads (Llama 7b, 524 KB a token).
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class AttentionBenchmark {
    private static final int TILE_ROWS = 32;
    private static final DType COMPUTE = DType.BFLOAT16;

    /** Which query heads share a key-value head. */
    public enum Heads {
        SHARED(8, 1, 256), OWN(32, 32, 128);

        private final int query;
        private final int keyValue;
        private final int size;

        Heads(int query, int keyValue, int size) {
            this.query = query;
            this.keyValue = keyValue;
            this.size = size;
        }
    }

    /** What lies together in memory: [positions, heads, size] or [heads, positions, size]. */
    public enum Layout {
        POSITIONS_FIRST, HEADS_FIRST
    }

    @Param({"SHARED", "OWN"})
    Heads heads = Heads.SHARED;

    @Param({"POSITIONS_FIRST", "HEADS_FIRST"})
    Layout layout = Layout.POSITIONS_FIRST;

    @Param({"640", "2048"})
    int length;

    @SuppressWarnings("NullAway.Init") // JMH sets up before it measures
    private OwnedTensor keysAndValues;

    @SuppressWarnings("NullAway.Init") // likewise
    private OwnedTensor tile;

    @SuppressWarnings("NullAway.Init") // likewise
    private OwnedTensor mask;

    @Setup(Level.Trial)
    public void fill() {
        Native.start();
        keysAndValues = switch (layout) {
            case POSITIONS_FIRST -> RandomNumbers.tensor(COMPUTE, length, heads.keyValue, heads.size);
            case HEADS_FIRST -> RandomNumbers.tensor(COMPUTE, heads.keyValue, length, heads.size);
        };
        tile = RandomNumbers.tensor(COMPUTE, TILE_ROWS, heads.query, heads.size);
        try (TensorScope _ = TensorScope.open()) {
            mask = Attention.causalMask(COMPUTE, TILE_ROWS).own();
        }
    }

    /** A prompt tile at the end of so many positions. */
    @Benchmark
    public long prefillTile() {
        try (TensorScope _ = TensorScope.open()) {
            var kv = positions();
            return Attention.prefillTile(tile.tensor(), kv, kv, mask.tensor()).size(0);
        }
    }

    /** A generated row behind so many positions. */
    @Benchmark
    public long decodeRow() {
        try (TensorScope _ = TensorScope.open()) {
            var kv = positions();
            return Attention.decodeRow(tile.tensor().narrow(0, 0, 1), kv, kv, length - 3L).size(0);
        }
    }

    /** What a step adds: a row of keys to those that are kept. */
    @Benchmark
    public long writeRow() {
        try (TensorScope _ = TensorScope.open()) {
            var row = tile.tensor().narrow(0, 0, 1).narrow(1, 0, heads.keyValue);
            return positions().narrow(0, length - 1L, 1).copyInPlace(row).size(0);
        }
    }

    @TearDown(Level.Trial)
    public void free() {
        keysAndValues.close();
        tile.close();
        mask.close();
    }

    /** [positions, heads, size], however it lies. */
    private Tensor positions() {
        return layout == Layout.HEADS_FIRST ? keysAndValues.tensor().transpose(0, 1) : keysAndValues.tensor();
    }
}
