package sightline.deploy.jmh;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import sightline.model.ModelDirectory;
import sightline.model.ModelDirectory.Options;
import sightline.model.ModelProblem;
import sightline.model.StagePart;

/** A checkpoint opened and checked, and all bytes of its language model read through the mapping, from a warm page cache. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3)
@Measurement(iterations = 5)
public class SafetensorsBenchmark {
    @Benchmark
    public ModelDirectory open() throws ModelProblem {
        return ModelDirectory.open(Checkpoint.directory(), Options.NONE);
    }

    @Benchmark
    public long read() throws ModelProblem {
        long sum = 0;
        try (var weights = open().weights(StagePart.LANGUAGE)) {
            for (var name : weights.names()) {
                var stored = weights.get(name);
                sum += sum(stored.bytes());
                weights.release(stored);
            }
        }
        return sum;
    }

    private static long sum(MemorySegment bytes) {
        long sum = 0;
        for (long at = 0; at + Long.BYTES <= bytes.byteSize(); at += Long.BYTES)
            sum += bytes.get(ValueLayout.JAVA_LONG_UNALIGNED, at);
        return sum;
    }
}
