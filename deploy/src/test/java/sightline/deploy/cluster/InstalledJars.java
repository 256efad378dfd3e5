package sightline.deploy.cluster;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import sightline.deploy.Demo;
import sightline.deploy.Main;

/**
 * The processes that tests start run from jars and a start-up cache, as installed ones do. Both are made once, for all
 * tests of this process; only the optimizing compiler is left out, which pays later than most tests last.
 */
public final class InstalledJars {
    private static final InstalledJars MADE = make();

    private final JvmCommand jvm;
    private final Path startCache;

    private InstalledJars(JvmCommand jvm, Path startCache) {
        this.jvm = jvm;
        this.startCache = startCache;
    }

    /** What starts a node. */
    static JvmCommand node() {
        return MADE.jvm.with(StartCache.use(MADE.startCache.toString()));
    }

    /** What starts {@code sightline}, as the launcher does. */
    public static ProcessBuilder sightline(List<String> args) {
        var jvm = node();
        var command = new ArrayList<>(List.of(jvm.java().toString(), "@" + jvm.common(),
                "-Dsightline.home=" + Demo.HOME, "-Dsightline.start-cache=" + MADE.startCache));
        command.addAll(jvm.options());
        command.addAll(List.of("-cp", jvm.classPath(), jvm.mainClass()));
        command.addAll(args);
        var builder = new ProcessBuilder(command);
        builder.environment().put("SIGHTLINE_JAVA_OPTIONS", String.join(" ", MADE.jvm.options()));
        return builder;
    }

    private static InstalledJars make() {
        try {
            var folder = Files.createTempDirectory("sightline-jars-");
            var jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                    .map(Path::of)
                    .filter(entry -> !entry.endsWith("test-classes"))
                    .map(entry -> Files.isDirectory(entry) ? jar(entry, folder) : entry)
                    .map(Path::toString)
                    .collect(Collectors.joining(File.pathSeparator));
            var jvm = new JvmCommand(Path.of(System.getProperty("java.home"), "bin", "java"),
                    JvmCommand.commonIn(Demo.HOME), List.of("-XX:TieredStopAtLevel=1"), jars, Main.class.getName());
            var cache = folder.resolve("start.aot");
            StartCache.make(jvm, Demo.CHECKPOINT, cache, Duration.ofMinutes(2));
            return new InstalledJars(jvm, cache);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Path jar(Path classes, Path folder) {
        var made = folder.resolve(Integer.toHexString(classes.hashCode()) + ".jar");
        int exitCode = ToolProvider.findFirst("jar")
                .orElseThrow()
                .run(System.out, System.err, "--create", "--file", made.toString(), "-C", classes.toString(), ".");
        if (exitCode != 0)
            throw new IllegalStateException("jar: exit code " + exitCode + " for " + classes);
        return made;
    }
}
