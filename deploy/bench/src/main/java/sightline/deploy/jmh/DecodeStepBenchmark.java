package sightline.deploy.jmh;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
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
import sightline.torch.Activation;
import sightline.torch.GatedLinear;
import sightline.torch.Linears;
import sightline.torch.OwnedTensor;
import sightline.torch.TensorScope;
import sightline.torch.Tile;
import sightline.torch.TileLinear;

/**
 * All packed linear layers of one decode step of LLaVA-Gemma 2b, one after the other and nothing else: what a generated
 * token cannot be faster than.
 *
 * <p>Two layers of weights are taken in turn instead of eighteen: at 220 MB each in bfloat16 neither is left in a cache
 * when it is read again.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 1)
@Measurement(iterations = 5, time = 1)
public class DecodeStepBenchmark {
    private static final int HIDDEN = 2048;
    private static final int INNER = 16_384;
    private static final int HEADS_AND_KV = 2560; // eight query heads and one key and value head of 256
    private static final int VOCABULARY = 256_064;
    private static final int LAYERS = 18;
    private static final int LAYERS_HELD = 2;
    private static final Tile TILE = Tile.separate(8);

    @Param({"bfloat16", "int8"})
    String weights = "";

    private final List<Layer> layers = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // JMH sets up before it measures
    private TileLinear head;

    @SuppressWarnings("NullAway.Init") // likewise
    private OwnedTensor hidden;

    @SuppressWarnings("NullAway.Init") // likewise
    private OwnedTensor inner;

    /** The linears of a decoder layer: two with [8, 2048] in front, one with [8, 16384]. */
    private record Layer(TileLinear attentionIn, TileLinear attentionOut, GatedLinear gated, TileLinear down) {
        static Layer pack(Linears linears, Arena arena) {
            var wide = RandomNumbers.weight(arena, INNER, HIDDEN);
            return new Layer(linears.linear(RandomNumbers.weight(arena, HEADS_AND_KV, HIDDEN)),
                    linears.linear(RandomNumbers.weight(arena, HIDDEN, HIDDEN)),
                    linears.gated(wide, wide, Activation.GELU_TANH),
                    linears.linear(RandomNumbers.weight(arena, HIDDEN, INNER)));
        }

        void close() {
            attentionIn.close();
            attentionOut.close();
            gated.close();
            down.close();
        }
    }

    @Setup(Level.Trial)
    public void pack() {
        Native.start();
        var linears = Linears.packed(LinearBenchmark.weights(weights));
        for (int i = 0; i < LAYERS_HELD; i++) {
            try (var arena = Arena.ofConfined()) {
                layers.add(Layer.pack(linears, arena));
            }
        }
        try (var arena = Arena.ofConfined()) {
            head = linears.linear(RandomNumbers.weight(arena, VOCABULARY, HIDDEN));
        }
        hidden = RandomNumbers.tensor(linears.compute(), TILE.rows(), HIDDEN);
        inner = RandomNumbers.tensor(linears.compute(), TILE.rows(), INNER);
    }

    @Benchmark
    public long linears() {
        for (int i = 0; i < LAYERS; i++) {
            var layer = layers.get(i % LAYERS_HELD);
            try (TensorScope _ = TensorScope.open()) {
                layer.attentionIn().apply(hidden.tensor(), TILE);
                layer.attentionOut().apply(hidden.tensor(), TILE);
                layer.gated().apply(hidden.tensor(), TILE);
                layer.down().apply(inner.tensor(), TILE);
            }
        }
        try (TensorScope _ = TensorScope.open()) {
            return head.apply(hidden.tensor(), TILE).size(1);
        }
    }

    @TearDown(Level.Trial)
    public void free() {
        layers.forEach(Layer::close);
        head.close();
        hidden.close();
        inner.close();
    }
}
