package sightline.deploy;

import com.typesafe.config.Config;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import sightline.language.LanguageNode;
import sightline.router.RouterNode;
import sightline.runtime.ExitCode;
import sightline.runtime.StartFailure;
import sightline.vision.VisionNode;

/** {@code sightline node}: one process of a cluster, in the foreground, until it is told to stop. */
@Command(name = "node", description = "Run one process of a cluster: a router, a vision or a language node.")
final class NodeCommand {

    @Command(name = "router", description = "The front door; learns its models from the nodes that serve them.")
    int router(@Mixin ProcessFlags flags,
            @Option(names = "--grpc-port", paramLabel = "PORT", description = "router.port: the public port", defaultValue = Option.NULL_VALUE) Optional<String> port)
            throws StartFailure {
        var more = port.map(p -> Map.of("router.port", p)).orElse(Map.of());
        return run(flags, more, RouterNode::run);
    }

    @Command(name = "vision", description = "Turns pictures into projected image tokens.")
    int vision(@Mixin ProcessFlags flags, @Mixin ModelFlags model) throws StartFailure {
        return run(flags, model.settings(), VisionNode::run);
    }

    @Command(name = "language", description = "Decodes answers.")
    int language(@Mixin ProcessFlags flags, @Mixin ModelFlags model,
            @Option(names = "--replica", paramLabel = "NAME", description = "language.replica: that this process is a stage of", defaultValue = Option.NULL_VALUE) Optional<String> replica,
            @Option(names = "--stage", paramLabel = "I/P", description = "language.stage: which of P stages, from 0", defaultValue = Option.NULL_VALUE) Optional<String> stage)
            throws StartFailure {
        var more = new HashMap<>(model.settings());
        replica.ifPresent(name -> more.put("language.replica", name));
        stage.ifPresent(place -> more.put("language.stage", place));
        return run(flags, more, LanguageNode::run);
    }

    /** How a role runs, from settings to exit code. */
    private interface RoleMain {
        ExitCode run(Config settings) throws StartFailure;
    }

    private static int run(ProcessFlags flags, Map<String, String> more, RoleMain role) throws StartFailure {
        var settings = flags.load(more);
        if (flags.endWithStdin())
            Thread.ofPlatform().daemon().name("end-with-stdin").start(() -> endWith(System.in));
        return role.run(settings).code();
    }

    /** Whoever started this process holds the other end: when it is gone, however it went, this process stops too. */
    private static void endWith(InputStream stdin) {
        try {
            stdin.transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // as good as its end
        }
        System.exit(ExitCode.DONE.code());
    }
}
