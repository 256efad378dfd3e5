package sightline.deploy.cluster;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import sightline.runtime.RoleName;
import sightline.stage.v1.Role;

/**
 * Starts node processes on the JDK and the class path of this process.
 *
 * <p>A node ends when its standard input does, so that nothing is left behind when this process is killed.
 */
public record JvmCommand(Path java, String classPath, String mainClass) {

    private static final List<String> FLAGS = List.of("-XX:+UseSerialGC", "-XX:+CrashOnOutOfMemoryError",
            "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

    public static JvmCommand ofThisProcess(String mainClass) {
        return new JvmCommand(Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"), mainClass);
    }

    /**
     * The command line of a node.
     *
     * @param log takes standard error, behind what is in it already
     */
    ProcessBuilder command(ProcessSpec process, File log) {
        List<String> command = new ArrayList<>(List.of(java.toString()));
        command.add(heap(process.role()));
        command.addAll(FLAGS);
        command.addAll(List.of("-cp", classPath, mainClass, "node", RoleName.of(process.role()), "--end-with-stdin"));
        process.settings()
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(setting -> command.addAll(List.of("--set", setting.getKey() + "=" + setting.getValue())));
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log));
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
