package sightline.deploy.jmh;

import java.lang.foreign.Arena;
import java.util.Optional;
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
import sightline.torch.Device;
import sightline.torch.Kernels;
import sightline.torch.Linears;
import sightline.torch.OwnedTensor;
import sightline.torch.TensorScope;
import sightline.torch.Tile;
import sightline.torch.TileLinear;
import sightline.torch.WeightClass;

/**
 * One call of a linear layer of LLaVA-Gemma 2b, by rows and by how its weight is held.
 *
 * <p>A weight that fits into the processor's cache is read from there on repeated calls, unlike in a model.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class LinearBenchmark {
    /** Query, key and value; out of attention; gate or up; down; the head. */
    @Param({"2048x2560", "2048x2048", "2048x16384", "16384x2048", "2048x256064"})
    String shape = "";

    @Param({"packed-float32", "packed-bfloat16", "packed-int8", "plain-float32", "plain-bfloat16"})
    String kernel = "";

    @Param({"1", "8", "16", "32", "64"})
    int rows;

    @SuppressWarnings("NullAway.Init") // JMH sets up before it measures
    private TileLinear linear;

    @SuppressWarnings("NullAway.Init") // likewise
    private OwnedTensor x;

    @Setup(Level.Trial)
    public void pack() {
        Native.start();
        var matrix = MatrixShape.parse(shape);
        var kinds = kernel.split("-", 2);
        var linears = new Linears(weights(kinds[1]), Kernels.parse(kinds[0], Device.cpu()), Optional.empty());
        try (var arena = Arena.ofConfined()) {
            linear = linears.linear(RandomNumbers.weight(arena, matrix.out(), matrix.in()));
        }
        x = RandomNumbers.tensor(linears.compute(), rows, matrix.in());
    }

    @Benchmark
    public long call() {
        try (TensorScope _ = TensorScope.open()) {
            return linear.apply(x.tensor(), Tile.separate(rows)).size(0);
        }
    }

    @TearDown(Level.Trial)
    public void free() {
        linear.close();
        x.close();
    }

    static WeightClass weights(String name) {
        return switch (name) {
            case "float32" -> WeightClass.FLOAT32;
            case "bfloat16" -> WeightClass.BFLOAT16;
            case "int8" -> WeightClass.INT8;
            default -> throw new IllegalArgumentException(name + " (expected: float32, bfloat16 or int8)");
        };
    }
}
