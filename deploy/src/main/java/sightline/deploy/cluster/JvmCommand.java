package sightline.deploy.cluster;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import sightline.runtime.RoleName;
import sightline.stage.v1.Role;

/**
 * Starts node processes.
 *
 * <p>A node ends when its standard input does, so that nothing is left behind when this process is killed.
 *
 * @param options of Java, which win over those that every node has
 */
public record JvmCommand(Path java, List<String> options, String classPath, String mainClass) {
    /** What Java warns of must not come between the lines on standard output; what its start-up cache lacks is no news. */
    private static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-XX:+CrashOnOutOfMemoryError",
            "-Xlog:disable", "-Xlog:all=warning,aot*=off,cds*=off:stderr", "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow");

    public JvmCommand {
        options = List.copyOf(options);
    }

    /** On the JDK and the class path of this process, with its start-up cache and the options of the environment. */
    public static JvmCommand ofThisProcess(String mainClass) {
        var cache = Stream.ofNullable(System.getProperty("sightline.start-cache")).map(StartCache::use);
        var given = Arrays.stream(System.getenv().getOrDefault("SIGHTLINE_JAVA_OPTIONS", "").split("\\s+", -1));
        return new JvmCommand(Path.of(System.getProperty("java.home"), "bin", "java"),
                Stream.concat(cache, given.filter(option -> !option.isEmpty())).toList(),
                System.getProperty("java.class.path"), mainClass);
    }

    /** With one more option, which wins over the others. */
    public JvmCommand with(String option) {
        return new JvmCommand(java, Stream.concat(options.stream(), Stream.of(option)).toList(), classPath, mainClass);
    }

    /**
     * The command line of a node.
     *
     * @param log takes standard error, behind what is in it already
     */
    ProcessBuilder command(ProcessSpec process, File log) {
        return command(process.role(), process.settings())
                .redirectError(ProcessBuilder.Redirect.appendTo(log));
    }

    /** The command line of a node of that role. */
    ProcessBuilder command(Role role, Map<String, String> settings) {
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.add(heap(role));
        command.addAll(FLAGS);
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, mainClass, "node", RoleName.of(role), "--end-with-stdin"));
        settings.entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(setting -> command.addAll(List.of("--set", setting.getKey() + "=" + setting.getValue())));
        ProcessBuilder builder = new ProcessBuilder(command);
        // The tokenizer's library calls home unless told not to; OpenMP threads of several processes share the cores.
        builder.environment().put("OPT_OUT_TRACKING", "true");
        builder.environment().put("OMP_WAIT_POLICY", "PASSIVE");
        return builder;
    }

    /** What bounded queues, pictures and stored tokens take at most; weights and tensors lie outside. */
    private static String heap(Role role) {
        return role == Role.ROLE_VISION ? "-Xmx1536m" : "-Xmx1g";
    }
}
