package sightline.deploy.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import sightline.router.text.Detokenizer;
import sightline.router.text.TokenizerFile;
import sightline.router.text.UnusableTokenizer;
import sightline.router.text.Vocabulary;

/** Ids turned into text one at a time, every id of the checkpoint's vocabulary in turn; time per id. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class DetokenizerBenchmark {
    private static final int IDS = 512;

    @SuppressWarnings("NullAway.Init") // JMH sets up before it measures
    private Vocabulary vocabulary;

    @Setup(Level.Trial)
    public void read() throws IOException, UnusableTokenizer {
        var file = Checkpoint.directory().resolve("tokenizer.json");
        vocabulary = Vocabulary.of(TokenizerFile.parse(Files.readAllBytes(file)));
    }

    @Benchmark
    @OperationsPerInvocation(IDS)
    public int answer() {
        var detokenizer = Detokenizer.of(vocabulary);
        int characters = 0;
        for (int i = 0; i < IDS; i++) {
            var step = detokenizer.accept(i % vocabulary.size());
            detokenizer = step.next();
            characters += step.text().length();
        }
        return characters + detokenizer.rest().length();
    }
}
