package sightline.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import sightline.deploy.cluster.ClusterPlan;
import sightline.deploy.cluster.Hosts;
import sightline.deploy.cluster.JvmCommand;
import sightline.language.LanguageSettings;
import sightline.language.SplitSettings;
import sightline.router.RouterSettings;
import sightline.runtime.ModelSettings;
import sightline.runtime.NodeSettings;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.vision.VisionSettings;

/** {@code sightline up}: a whole cluster on this machine, one JVM for each process. */
@Command(name = "up", description = {"Start routers and vision and language processes on this machine,",
    "ask a sample question, and keep them running until Ctrl-C."})
final class UpCommand implements Callable<Integer> {

    private static final int ANY_PORT = 0;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--once", description = "Stop everything after the sample answer.")
    private boolean once;

    @Mixin
    private ModelFlags model = new ModelFlags();

    @Option(names = "--vision", paramLabel = "N", defaultValue = "1", description = {
        "Vision processes (default: 1); several share the cores", "(vision.threads)."})
    private int vision;

    @Option(names = "--language", paramLabel = "N", defaultValue = "1", description = {
        "Language replicas (default: 1); several share the cores", "(language.threads)."})
    private int language;

    @Option(names = "--stages", paramLabel = "P", defaultValue = "1", description = {
        "Processes that share the layers of each language replica", "(default: 1)."})
    private int stages;

    @Option(names = "--routers", paramLabel = "N", defaultValue = "1", description = "Routers (default: 1); clients may use any.")
    private int routers;

    @Option(names = "--grpc-port", paramLabel = "PORT", description = {
        "The first router's port (default: the first free one from 7070);", "others take free ones behind it."})
    private Optional<Integer> grpcPort = Optional.empty();

    @Option(names = "--host", paramLabel = "ADDRESS", description = {
        "This machine's address: all listen there, and nodes on other machines", "may join (default: 127.0.0.1)."})
    private Optional<String> host = Optional.empty();

    @Option(names = "--log-dir", paramLabel = "DIR", description = "Where each process logs to a file (default: a new temporary one).")
    private Optional<Path> logs = Optional.empty();

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting of every process, as in 'node --set'.")
    private Map<String, String> settings = new LinkedHashMap<>();

    @Override
    public Integer call() throws IOException, InterruptedException, StartFailure {
        Distribution distribution = Distribution.ofThisProcess();
        Map<String, String> childSettings = model.settings();
        childSettings.putIfAbsent("model.dir", distribution.demoCheckpoint().toString());
        host.map(Hosts::on).ifPresent(childSettings::putAll);
        childSettings.putAll(settings);
        ClusterPlan.Wish wish = wish(childSettings);
        expectUsable(childSettings);
        ClusterPlan plan = ClusterPlan.of(wish);
        Path logDirectory = logDirectory();
        Up up = new Up(distribution.samplePicture(), new UpConsole(System.out, System.err, logDirectory));
        return up.run(plan, JvmCommand.ofThisProcess(distribution.home(), Main.class.getName()), logDirectory, once);
    }

    /** What every process would refuse is refused here, once, and before any of them is started. */
    private static void expectUsable(Map<String, String> childSettings) throws StartFailure {
        var settings = Settings.load(Optional.empty(), childSettings);
        Settings.read(settings, NodeSettings::from);
        Settings.read(settings, RouterSettings::from);
        Settings.read(settings, VisionSettings::from);
        Settings.read(settings, LanguageSettings::from);
        Settings.read(settings, SplitSettings::from);
        Settings.read(settings, ModelSettings::from).open();
    }

    private ClusterPlan.Wish wish(Map<String, String> childSettings) {
        try {
            return new ClusterPlan.Wish(routers, vision, language, stages,
                    grpcPort.filter(port -> port != ANY_PORT).map(OptionalInt::of).orElse(OptionalInt.empty()),
                    childSettings);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), e.getMessage(), e);
        }
    }

    private Path logDirectory() throws IOException {
        if (logs.isEmpty())
            return Files.createTempDirectory("sightline-");
        try {
            return Files.createDirectories(logs.get());
        } catch (IOException e) {
            throw new ParameterException(spec.commandLine(),
                    "--log-dir: " + logs.get() + " (expected: a directory that can be written to)", e);
        }
    }
}
