package sightline.deploy.jmh;

import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
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
import sightline.deploy.rig.RouterProcess;
import sightline.deploy.rig.SimulatedLanguage;
import sightline.model.ModelProblem;
import sightline.runtime.StartFailure;
import sightline.stage.v1.GenerateCommand;
import sightline.stage.v1.GenerateEvent;
import sightline.stage.v1.LanguageGrpc;
import sightline.stage.v1.StreamBeat;
import sightline.v1.Conversation;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.InferenceGrpc;
import sightline.v1.Message;
import sightline.v1.Part;
import sightline.v1.Stopping;

/**
 * One token from a language node to a client, both in this process, by way of another one: through a router, and through
 * a gRPC service that sends back what comes. Both ways are two gRPC hops, so that what they differ by is the router.
 */
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 10, time = 2)
@Measurement(iterations = 5, time = 2)
public class TokenPathBenchmark {
    private static final long LIMIT_SECONDS = 30;

    /** An answer that runs, and another one when it is as long as the model allows. */
    @State(Scope.Thread)
    public static class Routed {
        private static final int TOKENS = 900; // of 1,024 positions of the demo model
        private static final Duration BEAT_INTERVAL = Duration.ofMillis(500);
        private static final int TOKEN_ID = 300;

        @SuppressWarnings("NullAway.Init") // JMH sets up before it measures
        private SimulatedLanguage language;

        @SuppressWarnings("NullAway.Init") // likewise
        private RouterProcess router;

        @SuppressWarnings("NullAway.Init") // likewise
        private ManagedChannel channel;

        @SuppressWarnings("NullAway.Init") // likewise
        private Arrivals<GenerateRequest, GenerateResponse> client;

        @SuppressWarnings("NullAway.Init") // likewise
        private SimulatedLanguage.Sequence sequence;

        private int answers;

        @Setup(Level.Trial)
        public void start() throws StartFailure, ModelProblem, IOException, InterruptedException {
            language = SimulatedLanguage.start(Checkpoint.directory(), BEAT_INTERVAL);
            router = RouterProcess.start(language.seed(), Map.of());
            router.awaitModel();
            channel = channel(router.endpoint().port());
            begin();
        }

        private void begin() throws InterruptedException {
            var message = Message.newBuilder().setRole("user").addParts(Part.newBuilder().setText("?"));
            var id = "answer-" + ++answers;
            client = new Arrivals<>();
            InferenceGrpc.newStub(channel)
                    .generate(GenerateRequest.newBuilder()
                            .setRequestId(id)
                            .setConversation(Conversation.newBuilder().addMessages(message))
                            .setStopping(Stopping.newBuilder().setMaxNewTokens(TOKENS).setIgnoreEos(true))
                            .build(), client);
            client.await(); // Started
            sequence = language.sequence(id);
        }

        private void anotherIfWhole() throws InterruptedException {
            if (client.awaited == TOKENS) { // Started, and all tokens but the last, which would end the answer
                client.cancel();
                begin();
            }
        }

        @TearDown(Level.Trial)
        public void stop() throws IOException {
            channel.shutdownNow();
            router.close();
            language.close();
        }
    }

    /** A stream to a service that sends back. */
    @State(Scope.Thread)
    public static class Echoed {
        private static final GenerateCommand COMMAND = GenerateCommand.newBuilder()
                .setBeat(StreamBeat.newBuilder().setSteps(1_000))
                .build();

        private final Arrivals<GenerateCommand, GenerateEvent> events = new Arrivals<>();

        @SuppressWarnings("NullAway.Init") // likewise
        private JavaProcess server;

        @SuppressWarnings("NullAway.Init") // likewise
        private ManagedChannel channel;

        @SuppressWarnings("NullAway.Init") // likewise
        private StreamObserver<GenerateCommand> commands;

        @Setup(Level.Trial)
        public void start() throws IOException {
            server = JavaProcess.start(EchoServer.class, List.of("-XX:+UseSerialGC"), List.of());
            channel = channel(Integer.parseInt(server.line()));
            commands = LanguageGrpc.newStub(channel).generate(events);
        }

        @TearDown(Level.Trial)
        public void stop() throws IOException {
            channel.shutdownNow();
            server.close();
        }
    }

    @Benchmark
    public void throughRouter(Routed routed) throws InterruptedException {
        routed.anotherIfWhole();
        while (!routed.sequence.say(Routed.TOKEN_ID))
            Thread.onSpinWait(); // credit is on its way
        routed.client.await();
    }

    @Benchmark
    public void throughEcho(Echoed echoed) throws InterruptedException {
        echoed.commands.onNext(Echoed.COMMAND);
        echoed.events.await();
    }

    private static ManagedChannel channel(int port) {
        return NettyChannelBuilder.forAddress("127.0.0.1", port).usePlaintext().build();
    }

    /** The events of one call, of which one thread awaits each. */
    private static final class Arrivals<Q, E> implements ClientResponseObserver<Q, E> {
        private final Semaphore events = new Semaphore(0);
        private int awaited;

        @SuppressWarnings("NullAway.Init") // set before anything else happens
        private ClientCallStreamObserver<Q> call;

        private void await() throws InterruptedException {
            if (!events.tryAcquire(LIMIT_SECONDS, TimeUnit.SECONDS))
                throw new IllegalStateException("event " + awaited + ": none for " + LIMIT_SECONDS + " s");
            awaited++;
        }

        private void cancel() {
            call.cancel("long enough", null);
        }

        @Override
        public void beforeStart(ClientCallStreamObserver<Q> started) {
            call = started;
        }

        @Override
        public void onNext(E event) {
            events.release();
        }

        @Override
        public void onError(Throwable error) {
            // whoever waits for an event will say that there is none
        }

        @Override
        public void onCompleted() {
            // likewise
        }
    }
}
