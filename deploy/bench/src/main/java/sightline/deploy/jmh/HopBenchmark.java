package sightline.deploy.jmh;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sightline.stage.v1.FetchRequest;
import sightline.stage.v1.ProjectionGrpc;
import sightline.wire.BrokenTensor;
import sightline.wire.TensorAssembler;

/** The projected tokens of one picture fetched from another JVM, hashed there and checked here. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class HopBenchmark {
    @SuppressWarnings("NullAway.Init") // JMH sets up before it measures
    private Process server;

    @SuppressWarnings("NullAway.Init") // likewise
    private ManagedChannel channel;

    @Setup(Level.Trial)
    public void start() throws IOException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        server = new ProcessBuilder(java, "--sun-misc-unsafe-memory-access=allow", "-cp",
                System.getProperty("java.class.path"), HopServer.class.getName())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var port = server.inputReader(StandardCharsets.UTF_8).readLine();
        channel = Grpc.newChannelBuilder("127.0.0.1:" + port, InsecureChannelCredentials.create()).build();
    }

    @Benchmark
    public int fetch() throws BrokenTensor {
        var assembler = new TensorAssembler(HopServer.SPEC, HopServer.SHA256);
        var chunks = ProjectionGrpc.newBlockingStub(channel).fetch(FetchRequest.getDefaultInstance());
        while (chunks.hasNext())
            assembler.accept(chunks.next());
        return assembler.finish().remaining();
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException, InterruptedException {
        channel.shutdownNow();
        server.outputWriter(StandardCharsets.UTF_8).close();
        server.waitFor();
    }
}
