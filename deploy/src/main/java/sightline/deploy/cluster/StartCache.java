package sightline.deploy.cluster;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.stage.v1.Role;
import sightline.wire.Endpoint;
import sightline.wire.Sha256;

/**
 * What Java keeps of classes that were loaded and linked once, so that every later process of the same class path starts
 * with a third less work. One that does not fit (another Java, another jar) is left aside by Java itself.
 */
// https://openjdk.org/jeps/514
public final class StartCache {
    private StartCache() {}

    /** The option of Java that uses a cache. */
    public static String use(String file) {
        return "-XX:AOTCache=" + file;
    }

    /**
     * Starts a language node, has it answer once and stop, and waits for the cache that its Java then makes.
     *
     * @param jvm whose class path holds jars only
     * @param model a small checkpoint
     */
    public static void make(JvmCommand jvm, Path model, Path file, Duration limit)
            throws IOException, InterruptedException {
        var node = jvm.with("-XX:AOTCacheOutput=" + file)
                .command(Role.ROLE_LANGUAGE, Map.of("model.dir", model.toString(), "node.log-level", "error"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var _ = CompletableFuture.runAsync(node::destroyForcibly,
                CompletableFuture.delayedExecutor(limit.toMillis(), TimeUnit.MILLISECONDS));
        try (BufferedReader output = node.inputReader()) {
            FirstAnswer.ask(awaitReady(output), digest(model), limit);
            node.toHandle().destroy();
            while (output.readLine() != null) { /* until it has ended */ }
            int exitCode = node.waitFor();
            if (exitCode != 0)
                throw new IOException("the node that was to be learned from ended with " + exitCode);
        } finally {
            node.destroyForcibly();
        }
    }

    private static Sha256 digest(Path model) throws IOException {
        try {
            return ModelDirectory.open(model, ModelDirectory.Options.NONE).digest();
        } catch (ModelProblem e) {
            throw new IOException(e);
        }
    }

    /** Where it serves then. */
    private static Endpoint awaitReady(BufferedReader output) throws IOException {
        for (var line = output.readLine(); line != null; line = output.readLine())
            if (line.startsWith(SupervisedProcess.READY))
                return Endpoint.parse(line.replaceAll(".* grpc=(\\S+).*", "$1"));
        throw new IOException("the node that was to be learned from did not get ready");
    }
}
