package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import sightline.v1.ChoiceEnd;
import sightline.v1.Delta;
import sightline.v1.FinishReason;
import sightline.v1.Finished;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.v1.InferenceGrpc;
import sightline.v1.Started;
import sightline.wire.Failure;
import sightline.wire.StatusMapping;
import sightline.wire.Tenants;

/** The client against a real port, behind which a scripted service answers. */
@Timeout(60)
class AskCommandTest {
    private final ScriptedService service = new ScriptedService();
    private final LinkedBlockingQueue<String> tenants = new LinkedBlockingQueue<>();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Server server;

    @TempDir
    Path directory;

    @BeforeEach
    void start() throws IOException {
        server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(service)
                .intercept(new TenantEar())
                .build()
                .start();
    }

    @AfterEach
    void stop() {
        server.shutdownNow();
    }

    @Test
    void picturesStandBeforeTheQuestionInTheirOrder() throws IOException {
        var first = Files.writeString(directory.resolve("a.png"), "a");
        var second = Files.writeString(directory.resolve("b.png"), "b");
        assertThat(ask("Which?", "--image", first.toString(), "--image", second.toString())).isZero();
        var parts = service.received.remove().getConversation().getMessages(0).getPartsList();
        assertThat(parts).hasSize(3);
        assertThat(parts.get(0).getImage().getEncoded()).isEqualTo(ByteString.copyFromUtf8("a"));
        assertThat(parts.get(1).getImage().getEncoded()).isEqualTo(ByteString.copyFromUtf8("b"));
        assertThat(parts.get(2).getText()).isEqualTo("Which?");
        assertThat(out).hasToString("Yes. No.\n");
    }

    @Test
    void aQuestionMayLookLikeAFileOfArguments() throws IOException {
        var file = Files.writeString(directory.resolve("arguments"), "--help");
        assertThat(ask("@" + file)).isZero();
        assertThat(service.received.remove().getConversation().getMessages(0).getParts(0).getText())
                .isEqualTo("@" + file);
    }

    @Test
    void whatIsNotGivenStaysUnset() {
        ask("Which?");
        var request = service.received.remove();
        assertThat(request.getSampling().getAllFields()).isEmpty();
        assertThat(request.getStopping().getAllFields()).isEmpty();
        assertThat(request.hasOutput()).isFalse();
    }

    @Test
    void everyFlagReachesItsField() {
        ask("Which?", "--prompt-raw", "--model=m", "--max-new-tokens=9", "--min-new-tokens=4",
                "--temperature=0.5", "--top-k=3",
                "--top-p=0.25", "--min-p=0.125", "--repetition-penalty=1.5", "--presence-penalty=-0.5",
                "--frequency-penalty=0.75", "--seed=18446744073709551615", "--stop=a", "--stop=b", "--ignore-eos",
                "--logprobs=2");
        var request = service.received.remove();
        assertThat(request.getPrompt().getText()).isEqualTo("Which?");
        assertThat(request.getModel()).isEqualTo("m");
        assertThat(request.getStopping().getMaxNewTokens()).isEqualTo(9);
        assertThat(request.getStopping().getMinNewTokens()).isEqualTo(4);
        assertThat(request.getSampling().getTemperature()).isEqualTo(0.5);
        assertThat(request.getSampling().getTopK()).isEqualTo(3);
        assertThat(request.getSampling().getTopP()).isEqualTo(0.25);
        assertThat(request.getSampling().getMinP()).isEqualTo(0.125);
        assertThat(request.getSampling().getRepetitionPenalty()).isEqualTo(1.5);
        assertThat(request.getSampling().getPresencePenalty()).isEqualTo(-0.5);
        assertThat(request.getSampling().getFrequencyPenalty()).isEqualTo(0.75);
        assertThat(request.getSampling().getSeed()).isEqualTo(-1);
        assertThat(request.getStopping().getStopList()).containsExactly("a", "b");
        assertThat(request.getStopping().getIgnoreEos()).isTrue();
        assertThat(request.getOutput().getTopLogprobs()).isEqualTo(2);
    }

    @Test
    void aTenantIsToldBesideTheRequest() {
        ask("Which?", "--tenant", "acme");
        assertThat(tenants.remove()).isEqualTo("acme");
    }

    @Test
    void jsonIsOneObjectAndNoStream() {
        assertThat(ask("Which?", "--json")).isZero();
        assertThat(JsonParser.parseString(out.toString()).getAsJsonObject().get("text").getAsString())
                .isEqualTo("Yes. No.");
    }

    @Test
    void aRefusalIsExitCodeFive() {
        service.failure = Optional.of(new Failure.UnknownModel("model: x (expected: y)"));
        assertThat(ask("Which?", "--json")).isEqualTo(5);
        assertThat(out.toString().strip()).isEqualTo(
                "{\"error\":{\"status\":\"NOT_FOUND\",\"reason\":\"UNKNOWN_MODEL\",\"message\":\"model: x (expected: y)\"}}");
        assertThat(ask("Which?")).isEqualTo(5);
        assertThat(err.toString().strip()).isEqualTo("sightline: NOT_FOUND UNKNOWN_MODEL: model: x (expected: y)");
    }

    @Test
    void aRouterThatIsDownIsPassedOver() {
        assertThat(run("ask", "Which?", "--target", "127.0.0.1:1,127.0.0.1:" + server.getPort())).isZero();
        assertThat(service.received).hasSize(1);
    }

    @Test
    void anAnswerWhoseRouterIsLostGoesOnInTheMiddle() {
        service.isToBreak = true;
        assertThat(ask("Which?")).isZero();
        assertThat(out).hasToString("Yes. No.\n");
        assertThat(service.received.remove().hasResume()).isFalse();
        assertThat(service.received.remove().getResume().getChoices(0).getTokenIdsList()).containsExactly(1);
    }

    @Test
    void whatGrpcSaysItselfIsToldInOurWords() {
        assertThat(run("ask", "Which?", "--target", "127.0.0.1:1")).isEqualTo(5);
        assertThat(err.toString().strip()).isEqualTo(
                "sightline: UNAVAILABLE: 127.0.0.1:1: cannot be reached (expected: a running router's public port)");
        assertThat(run("ask", "Which?", "--target", "nowhere.invalid:7070")).isEqualTo(5);
        assertThat(err.toString().strip()).isEqualTo("sightline: UNAVAILABLE: nowhere.invalid:7070: no such host "
                + "(expected: the name or address of a router)");
        service.silent = true;
        assertThat(ask("Which?", "--timeout", "0.05")).isEqualTo(5);
        assertThat(err.toString().strip()).isEqualTo("sightline: DEADLINE_EXCEEDED DEADLINE: 127.0.0.1:"
                + server.getPort() + ": no whole answer within 0.05 s (expected: one within --timeout)");
    }

    @Test
    void aWholeRequestComesFromAFile() throws IOException {
        var file = Files.writeString(directory.resolve("request.json"),
                "{\"prompt\": {\"text\": \"<image>\", \"images\": [{\"encoded\": \"AQI=\"}]}, \"sampling\": {\"seed\": \"3\"}}");
        assertThat(ask("--request", file.toString())).isZero();
        var request = service.received.remove();
        assertThat(request.getPrompt().getImages(0).getEncoded().toByteArray()).containsExactly(1, 2);
        assertThat(request.getSampling().getSeed()).isEqualTo(3);
    }

    @Test
    void whatCannotBeSentIsAUsageError() throws IOException {
        assertThat(ask()).isEqualTo(2);
        assertThat(ask("Which?", "--image", directory.resolve("none.png").toString())).isEqualTo(2);
        assertThat(ask("Which?", "--image", directory.toString())).isEqualTo(2);
        assertThat(ask("Which?", "--seed", "x")).isEqualTo(2);
        assertThat(ask("Which?", "--timeout", "0")).isEqualTo(2);
        assertThat(run("ask", "Which?", "--target", "nowhere")).isEqualTo(2);
        var file = Files.writeString(directory.resolve("request.json"), "{\"promt\": 1}");
        assertThat(ask("--request", file.toString())).isEqualTo(2);
        assertThat(ask("--request", file.toString(), "--top-k", "3")).isEqualTo(2);
        assertThat(service.received).isEmpty();
    }

    private int ask(String... args) {
        var all = new String[args.length + 3];
        all[0] = "ask";
        all[1] = "--target";
        all[2] = "127.0.0.1:" + server.getPort();
        System.arraycopy(args, 0, all, 3, args.length);
        return run(all);
    }

    private int run(String... args) {
        out.getBuffer().setLength(0);
        err.getBuffer().setLength(0);
        return Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err)).execute(args);
    }

    private final class TenantEar implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(ServerCall<Q, R> call, Metadata headers,
                ServerCallHandler<Q, R> next) {
            tenants.add(Objects.requireNonNull(headers.get(Tenants.KEY)));
            return next.startCall(call, headers);
        }
    }

    /** Keeps every request, and answers it in two deltas, of which the first may be the last, or with {@link #failure}. */
    private static final class ScriptedService extends InferenceGrpc.InferenceImplBase {
        final LinkedBlockingQueue<GenerateRequest> received = new LinkedBlockingQueue<>();
        volatile Optional<Failure> failure = Optional.empty();
        volatile boolean silent;
        volatile boolean isToBreak;

        @Override
        public void generate(GenerateRequest request, StreamObserver<GenerateResponse> responses) {
            received.add(request);
            if (silent)
                return;
            if (failure.isPresent()) {
                responses.onError(StatusMapping.toStatus(failure.get()));
                return;
            }
            responses.onNext(GenerateResponse.newBuilder().setStarted(Started.newBuilder().setModel("m")).build());
            if (!request.hasResume())
                responses.onNext(delta(Delta.newBuilder().setText("Yes.").addTokenIds(1)));
            if (isToBreak && !request.hasResume()) {
                responses.onError(Status.UNAVAILABLE.asException());
                return;
            }
            responses.onNext(delta(Delta.newBuilder()
                    .setIndex(1)
                    .setText(" No.")
                    .addTokenIds(2)
                    .setEnd(ChoiceEnd.newBuilder().setReason(FinishReason.FINISH_REASON_STOP).setTokenId(2))));
            responses.onNext(GenerateResponse.newBuilder().setFinished(Finished.getDefaultInstance()).build());
            responses.onCompleted();
        }

        private static GenerateResponse delta(Delta.Builder delta) {
            return GenerateResponse.newBuilder().setDelta(delta).build();
        }
    }
}
