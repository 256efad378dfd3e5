package sightline.deploy.jmh;

import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
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
import sightline.deploy.rig.JavaProcess;
import sightline.stage.v1.FetchRequest;
import sightline.wire.BrokenTensor;
import sightline.wire.TensorAssembler;
import sightline.wire.TensorFetch;

/** The projected tokens of one picture fetched from another JVM, hashed there and checked here. */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
public class HopBenchmark {
    @SuppressWarnings("NullAway.Init") // JMH sets up before it measures
    private JavaProcess server;

    @SuppressWarnings("NullAway.Init") // likewise
    private ManagedChannel channel;

    @Setup(Level.Trial)
    public void start() throws IOException {
        server = JavaProcess.start(HopServer.class, List.of(), List.of());
        channel = Grpc.newChannelBuilder("127.0.0.1:" + server.line(), InsecureChannelCredentials.create()).build();
    }

    @Benchmark
    public int fetch() throws ExecutionException, InterruptedException {
        var receiver = new Receiver();
        TensorFetch.start(channel, FetchRequest.getDefaultInstance(), receiver);
        return receiver.whole.get().remaining();
    }

    @TearDown(Level.Trial)
    public void stop() throws IOException {
        channel.shutdownNow();
        server.close();
    }

    /** As a language node's: every chunk is checked as it comes, on the transport's executor. */
    private static final class Receiver implements StreamObserver<InputStream> {
        private final TensorAssembler assembler = new TensorAssembler(HopServer.SPEC, HopServer.SHA256);
        private final CompletableFuture<ByteBuffer> whole = new CompletableFuture<>();

        @Override
        public void onNext(InputStream chunk) {
            try {
                assembler.accept(chunk);
            } catch (BrokenTensor e) {
                whole.completeExceptionally(e);
            }
        }

        @Override
        public void onError(Throwable error) {
            whole.completeExceptionally(error);
        }

        @Override
        public void onCompleted() {
            try {
                whole.complete(assembler.finish());
            } catch (BrokenTensor e) {
                whole.completeExceptionally(e);
            }
        }
    }
}
