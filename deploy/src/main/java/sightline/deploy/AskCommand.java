package sightline.deploy;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import sightline.client.Answer;
import sightline.client.Question;
import sightline.client.RequestFailed;
import sightline.client.SightlineClient;
import sightline.deploy.client.AnswerJson;
import sightline.runtime.ExitCode;
import sightline.v1.GenerateRequest;
import sightline.v1.GenerateResponse;
import sightline.wire.Endpoint;
import sightline.wire.Received;

/** {@code sightline ask}: one question about some pictures, its answer streamed to the terminal. */
@Command(name = "ask", description = "Ask a running cluster.")
final class AskCommand implements Callable<Integer> {
    private static final Gson GSON = new GsonBuilder().disableHtmlEscaping().serializeNulls().create();

    /** Flags that go together with a whole request. */
    private static final List<String> BESIDE_REQUEST = List.of("--request", "--target", "--tenant", "--timeout",
            "--json");

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Parameters(arity = "0..1", paramLabel = "QUESTION", description = "The question; '-' reads it from standard input.")
    private Optional<String> question = Optional.empty();

    @Option(names = "--target", paramLabel = "HOST:PORT", split = ",", defaultValue = "127.0.0.1:7070", description = "Routers, separated by commas; another one goes on where one is lost (default: ${DEFAULT-VALUE}).")
    private List<Endpoint> targets = new ArrayList<>();

    @Option(names = "--tenant", paramLabel = "NAME", defaultValue = "", description = "For whom; tenants take turns.")
    private String tenant = "";

    @Option(names = "--image", paramLabel = "FILE", description = "A picture, put before the question; may be given several times.")
    private List<Path> images = new ArrayList<>();

    @Option(names = "--prompt-raw", description = "The question is a rendered prompt with one <image> for each picture.")
    private boolean raw;

    @Option(names = "--request", paramLabel = "FILE.json", description = "A whole GenerateRequest in proto JSON instead.")
    private Optional<Path> requestFile = Optional.empty();

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "300", description = "For the whole answer (default: ${DEFAULT-VALUE}).")
    private double timeoutSeconds;

    @Option(names = "--json", description = "Print one JSON object instead of the text.")
    private boolean json;

    @Mixin
    private RequestFlags flags = new RequestFlags();

    @Override
    public Integer call() throws IOException {
        var request = requestFile.isPresent() ? wholeRequest(requestFile.get()) : request();
        var timeout = timeout();
        GrpcLog.quieten();
        try (var client = client()) {
            boolean streams = !json && request.getSampling().getN() <= 1;
            var answer = client.generate(request, timeout).answer(streams ? this::show : _ -> {});
            out().println(json ? GSON.toJson(AnswerJson.of(answer)) : streams ? "" : texts(answer));
            return ExitCode.DONE.code();
        } catch (RequestFailed e) {
            var failure = inFlags(e.received());
            if (json)
                out().println(GSON.toJson(AnswerJson.of(failure)));
            else
                spec.commandLine().getErr().println(ErrorLine.of(failure));
            return ExitCode.REQUEST.code();
        }
    }

    private SightlineClient client() {
        try {
            return new SightlineClient(targets, tenant);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--" + e.getMessage(), e);
        }
    }

    /** The client speaks of its caller's timeout, which here is a flag. */
    private static Received inFlags(Received received) {
        var message = received.message()
                .replace("(expected: one within the timeout)", "(expected: one within --timeout)");
        return new Received(received.status(), received.reason(), message, received.violations(),
                received.retryAfter());
    }

    private void show(GenerateResponse event) {
        out().print(event.getDelta().getText());
        out().flush();
    }

    /** Several answers, which would come mixed, one below the other. */
    private static String texts(Answer answer) {
        return answer.choices().stream().map(Answer.Choice::text).collect(Collectors.joining("\n\n"));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private Duration timeout() {
        if (!(timeoutSeconds > 0))
            throw usage("--timeout: " + timeoutSeconds + " (expected: > 0)");
        return Duration.ofNanos((long) (timeoutSeconds * 1e9));
    }

    private GenerateRequest request() throws IOException {
        var pictures = new ArrayList<ByteString>();
        for (Path image : images)
            pictures.add(ByteString.copyFrom(GivenFile.read(image, spec)));
        var asked = new Question(text(), pictures);
        var request = raw ? asked.rawRequest() : asked.request();
        flags.addTo(request);
        return request.build();
    }

    private String text() throws IOException {
        var text = question.orElseThrow(() -> usage("the question is missing"));
        return text.equals("-") ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : text;
    }

    private GenerateRequest wholeRequest(Path file) throws IOException {
        if (question.isPresent() || !BESIDE_REQUEST.containsAll(flagsGiven()))
            throw usage("--request holds the whole request (expected beside it: only "
                    + String.join(", ", BESIDE_REQUEST) + ")");
        var request = GenerateRequest.newBuilder();
        try {
            JsonFormat.parser().merge(new String(GivenFile.read(file, spec), StandardCharsets.UTF_8), request);
        } catch (InvalidProtocolBufferException e) {
            throw usage(file + ": " + e.getMessage());
        }
        return request.build();
    }

    private Set<String> flagsGiven() {
        return spec.commandLine()
                .getParseResult()
                .matchedOptions()
                .stream()
                .map(OptionSpec::longestName)
                .collect(Collectors.toSet());
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
