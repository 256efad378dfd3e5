package sightline.deploy;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;
import sightline.deploy.bench.LatencyChart;
import sightline.deploy.bench.Load;
import sightline.deploy.bench.LoadRun;
import sightline.deploy.bench.NoisePictures;
import sightline.deploy.bench.Range;
import sightline.deploy.bench.Report;
import sightline.deploy.bench.ReportForms;
import sightline.deploy.bench.Texts;
import sightline.deploy.bench.Workload;
import sightline.runtime.ExitCode;
import sightline.wire.Endpoint;

/** {@code sightline bench}: load on a running cluster, and what its clients see of it. */
@Command(name = "bench", description = {"Send requests to a running cluster and measure what clients see.",
    "Several loads are run one after the other. Each request is sent once, and its times count from then:",
    "what the cluster refuses for now (OVERLOADED) is counted as refused, and not sent again."})
final class BenchCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--target", paramLabel = "HOST:PORT", split = ",", defaultValue = "127.0.0.1:7070", description = "Routers, separated by commas (default: ${DEFAULT-VALUE}).")
    private List<Endpoint> targets = new ArrayList<>();

    @Option(names = "--concurrency", paramLabel = "N", split = ",", description = "Closed loop: clients that each wait for their answer (default: 1).")
    private List<Integer> concurrency = new ArrayList<>();

    @Option(names = "--rate", paramLabel = "R", split = ",", description = "Open loop: requests a second, coming by chance (Poisson).")
    private List<Double> rates = new ArrayList<>();

    @Option(names = "--requests", paramLabel = "N", defaultValue = "32", description = "Requests of each load (default: ${DEFAULT-VALUE}).")
    private int requests;

    @Option(names = "--warm-up", paramLabel = "N", defaultValue = "2", description = "Requests before, which are not measured (default: ${DEFAULT-VALUE}).")
    private int warmUp;

    @Option(names = "--image", paramLabel = "FILE", description = "A picture; several are taken in turn.")
    private List<Path> images = new ArrayList<>();

    @Option(names = "--pictures", paramLabel = "N", defaultValue = "0", description = "So many different made-up pictures, taken in turn.")
    private int pictures;

    @Option(names = "--pictures-each", paramLabel = "N|N-M", defaultValue = "1", converter = RangeConverter.class, description = "Pictures of a request, where there are any (default: ${DEFAULT-VALUE}).")
    private Range picturesEach = new Range(1, 1);

    @Option(names = "--picture-size", paramLabel = "PIXELS", defaultValue = "336", description = "Width and height of made-up pictures (default: ${DEFAULT-VALUE}).")
    private int pictureSize;

    @Option(names = "--words", paramLabel = "N|N-M", defaultValue = "8-24", converter = RangeConverter.class, description = "Words of a made-up question (default: ${DEFAULT-VALUE}).")
    private Range words = new Range(1, 1);

    @Option(names = "--questions", paramLabel = "FILE", description = "Questions to ask in turn instead, one a line.")
    private Optional<Path> questions = Optional.empty();

    @Option(names = "--max-new-tokens", paramLabel = "N", defaultValue = "64", description = "Tokens of an answer (default: ${DEFAULT-VALUE}).")
    private int maxNewTokens;

    @Option(names = "--ignore-eos", description = "Every answer has all its tokens.")
    private boolean ignoreEos;

    @Option(names = "--model", paramLabel = "NAME", description = "Needed where several models are served.")
    private Optional<String> model = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", defaultValue = "1", description = "Equal seeds send equal requests (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(names = "--timeout", paramLabel = "SECONDS", defaultValue = "300", description = "For each answer (default: ${DEFAULT-VALUE}).")
    private long timeoutSeconds;

    @Option(names = "--ttft-limit", paramLabel = "SECONDS", defaultValue = "2", description = "Goodput counts answers whose first token comes within this (default: ${DEFAULT-VALUE}).")
    private double ttftLimit;

    @Option(names = "--token-limit", paramLabel = "SECONDS", defaultValue = "0.2", description = "And whose time per output token is at most this (default: ${DEFAULT-VALUE}).")
    private double tokenLimit;

    @Option(names = "--json", description = "Print a JSON array of reports instead of text.")
    private boolean json;

    @Option(names = "--svg", paramLabel = "FILE", description = "Draw latency against load.")
    private Optional<Path> svg = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        var loads = loads();
        var limits = new Report.Limits(ttftLimit, tokenLimit);
        var reports = new ArrayList<Report>();
        try (var run = new LoadRun(targets, workload(), Duration.ofSeconds(timeoutSeconds))) {
            run.run(new Load.Closed(1), 0, warmUp, _ -> {});
            for (Load load : loads) {
                var report = run.run(load, warmUp + reports.size() * requests, requests,
                        ended -> progress(load, ended));
                reports.add(report);
                if (!json)
                    spec.commandLine().getOut().println(ReportForms.text(report, limits));
            }
        }
        if (json)
            spec.commandLine().getOut().println(array(reports, limits));
        if (svg.isPresent())
            Files.writeString(svg.get(), new LatencyChart(reports).svg());
        return reports.stream().allMatch(Report::hasAnswers) ? ExitCode.DONE.code() : ExitCode.REQUEST.code();
    }

    private List<Load> loads() {
        if (!concurrency.isEmpty() && !rates.isEmpty())
            throw usage("--concurrency and --rate exclude each other");
        if (requests < 1 || warmUp < 0 || maxNewTokens < 1 || timeoutSeconds < 1)
            throw usage("--requests, --max-new-tokens, --timeout, --warm-up: (expected: >= 1, >= 1, >= 1, >= 0)");
        try {
            return rates.isEmpty()
                    ? (concurrency.isEmpty() ? List.of(1) : concurrency).stream().<Load>map(Load.Closed::new).toList()
                    : rates.stream().<Load>map(Load.Open::new).toList();
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Workload workload() {
        var all = new ArrayList<>(NoisePictures.of(pictures, pictureSize, seed));
        images.forEach(image -> all.add(ByteString.copyFrom(GivenFile.read(image, spec))));
        try {
            return new Workload(all, picturesEach, texts(), maxNewTokens, ignoreEos, model, seed);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Texts texts() {
        if (questions.isEmpty())
            return new Texts.MadeUp(words);
        var lines = new String(GivenFile.read(questions.get(), spec), StandardCharsets.UTF_8).lines();
        return new Texts.Given(lines.filter(line -> !line.isBlank()).toList());
    }

    private void progress(Load load, int ended) {
        if (ended == requests || ended % Math.max(1, requests / 10) == 0)
            spec.commandLine().getErr().println(load + ": " + ended + " of " + requests);
    }

    private static String array(List<Report> reports, Report.Limits limits) {
        var array = new JsonArray();
        reports.forEach(report -> array.add(ReportForms.json(report, limits)));
        return new GsonBuilder().setPrettyPrinting().create().toJson(array);
    }

    private ParameterException usage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Says what is expected where it is not. */
    static final class RangeConverter implements ITypeConverter<Range> {
        @Override
        public Range convert(String text) {
            try {
                return Range.parse(text);
            } catch (IllegalArgumentException _) {
                throw new TypeConversionException(text + " (expected: N or N-M, N <= M)");
            }
        }
    }
}
