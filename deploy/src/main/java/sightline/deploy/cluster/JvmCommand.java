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
 * @param common a file of options that every Java has
 * @param options more of them, which win over those that every node has
 */
public record JvmCommand(Path java, Path common, List<String> options, String classPath, String mainClass) {
    public JvmCommand {
        options = List.copyOf(options);
    }

    /**
     * On the JDK and the class path of this process, with its start-up cache and the options of the environment.
     *
     * @param home the {@code deploy} folder
     */
    public static JvmCommand ofThisProcess(Path home, String mainClass) {
        var cache = Stream.ofNullable(System.getProperty("sightline.start-cache")).map(StartCache::use);
        var given = Arrays.stream(System.getenv().getOrDefault("SIGHTLINE_JAVA_OPTIONS", "").split("\\s+", -1));
        return new JvmCommand(Path.of(System.getProperty("java.home"), "bin", "java"), commonIn(home),
                Stream.concat(cache, given.filter(option -> !option.isEmpty())).toList(),
                System.getProperty("java.class.path"), mainClass);
    }

    static Path commonIn(Path home) {
        return home.resolve("java.options");
    }

    /** With one more option, which wins over the others. */
    public JvmCommand with(String option) {
        return new JvmCommand(java, common, Stream.concat(options.stream(), Stream.of(option)).toList(), classPath,
                mainClass);
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
        List<String> command = new ArrayList<>(
                List.of(java.toString(), "@" + common, heap(role), "-XX:+CrashOnOutOfMemoryError"));
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
