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
import org.openjdk.jmh.annotations.Warmup;
import sightline.language.sample.Sampler;
import sightline.language.sample.SamplingRule;
import sightline.language.sample.Scores;

/** One token chosen from 256,064 logits between -8 and 8, and its logprob with the five likeliest. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SamplerBenchmark {
    private static final int VOCABULARY = 256_064;
    private static final int LISTED = 5;

    /** Settings of a request. */
    public enum Setting {
        GREEDY, TEMPERATURE, TOP_K, TOP_P, MIN_P, ALL
    }

    @Param({"GREEDY", "TEMPERATURE", "TOP_K", "TOP_P", "MIN_P", "ALL"})
    Setting setting = Setting.GREEDY;

    private final Sampler sampler = new Sampler(VOCABULARY);
    private float[] logits = new float[0];
    private SamplingRule rule = new SamplingRule.Greedy();
    private int position;

    @Setup(Level.Trial)
    public void draw() {
        rule = switch (setting) {
            case GREEDY -> new SamplingRule.Greedy();
            case TEMPERATURE -> new SamplingRule.Seeded(0.8, 0, 1, 0, 1);
            case TOP_K -> new SamplingRule.Seeded(0.8, 50, 1, 0, 1);
            case TOP_P -> new SamplingRule.Seeded(0.8, 0, 0.9, 0, 1);
            case MIN_P -> new SamplingRule.Seeded(0.8, 0, 1, 0.05, 1);
            case ALL -> new SamplingRule.Seeded(0.8, 50, 0.9, 0.05, 1);
        };
        logits = RandomNumbers.floats(VOCABULARY);
        for (int i = 0; i < logits.length; i++)
            logits[i] *= 8;
    }

    @Benchmark
    public int choose() {
        return sampler.choose(logits, rule, 0, position++).orElseThrow();
    }

    @Benchmark
    public Scores score() {
        return Scores.of(logits, position++ % VOCABULARY, LISTED);
    }
}
