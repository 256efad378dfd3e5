package sightline.deploy.jmh;

import java.lang.foreign.Arena;
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
import sightline.torch.Attention;
import sightline.torch.Linears;
import sightline.torch.OwnedTensor;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Tile;
import sightline.torch.TileLinear;

/**
 * The products of one tower layer for several pictures: one picture after the other, or the rows of all in every call,
 * attention over the heads of all at once. Norms and residuals are left out.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 1)
public class VisionBatchBenchmark {
    /** Sizes of a tower. */
    public enum Shape {
        DEMO(65, 128, 512, 4), CLIP_L_336(577, 1024, 4096, 16);

        private final int rows;
        private final int hidden;
        private final int inner;
        private final int heads;

        Shape(int rows, int hidden, int inner, int heads) {
            this.rows = rows;
            this.hidden = hidden;
            this.inner = inner;
            this.heads = heads;
        }
    }

    @Param({"DEMO", "CLIP_L_336"})
    Shape shape = Shape.DEMO;

    @Param({"bfloat16", "int8"})
    String weights = "";

    @Param({"1", "2", "4", "8"})
    int pictures;

    @SuppressWarnings("NullAway.Init") // JMH sets up before it measures
    private TileLinear attentionIn;

    @SuppressWarnings("NullAway.Init") // likewise
    private TileLinear attentionOut;

    @SuppressWarnings("NullAway.Init") // likewise
    private TileLinear up;

    @SuppressWarnings("NullAway.Init") // likewise
    private TileLinear down;

    @SuppressWarnings("NullAway.Init") // likewise
    private OwnedTensor x;

    @Setup(Level.Trial)
    public void pack() {
        Native.start();
        var linears = Linears.packed(LinearBenchmark.weights(weights));
        try (var arena = Arena.ofConfined()) {
            attentionIn = linears.linear(RandomNumbers.weight(arena, 3L * shape.hidden, shape.hidden));
            attentionOut = linears.linear(RandomNumbers.weight(arena, shape.hidden, shape.hidden));
            up = linears.linear(RandomNumbers.weight(arena, shape.inner, shape.hidden)).then(Activation.QUICK_GELU);
            down = linears.linear(RandomNumbers.weight(arena, shape.hidden, shape.inner));
        }
        x = RandomNumbers.tensor(linears.compute(), (long) pictures * shape.rows, shape.hidden);
    }

    @Benchmark
    public long oneByOne() {
        long rows = 0;
        for (int i = 0; i < pictures; i++) {
            try (TensorScope _ = TensorScope.open()) {
                rows += layer(x.tensor().narrow(0, (long) i * shape.rows, shape.rows), 1).size(0);
            }
        }
        return rows;
    }

    @Benchmark
    public long together() {
        try (TensorScope _ = TensorScope.open()) {
            return layer(x.tensor(), pictures).size(0);
        }
    }

    @TearDown(Level.Trial)
    public void free() {
        attentionIn.close();
        attentionOut.close();
        up.close();
        down.close();
        x.close();
    }

    /** [count · rows, hidden] */
    private Tensor layer(Tensor input, int count) {
        var tile = Tile.separate(count * shape.rows);
        var all = attentionIn.apply(input, tile);
        var mixed = Attention.full(part(all, 0, count), part(all, 1, count), part(all, 2, count));
        var rows = mixed.reshape(shape.rows, count, shape.hidden).transpose(0, 1).reshape(-1, shape.hidden);
        return down.apply(up.apply(attentionOut.apply(rows.contiguous(), tile), tile), tile);
    }

    /** Queries, keys or values with the pictures beside each other as so many more heads: [rows, count · heads, size]. */
    private Tensor part(Tensor all, int which, int count) {
        return all.narrow(1, (long) which * shape.hidden, shape.hidden)
                .reshape(count, shape.rows, shape.hidden)
                .transpose(0, 1)
                .reshape(shape.rows, (long) count * shape.heads, -1);
    }
}
