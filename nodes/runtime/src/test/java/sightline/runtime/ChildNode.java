package sightline.runtime;

import java.util.HashMap;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import sightline.stage.v1.Role;

/** The main class of a node in a JVM of its own: first what it does, then settings as {@code key=value}. */
final class ChildNode {
    private ChildNode() {}

    static void main(String[] args) throws StartFailure {
        var overrides = new HashMap<String, String>();
        for (int i = 1; i < args.length; i++)
            overrides.put(args[i].split("=", 2)[0], args[i].split("=", 2)[1]);
        var settings = Settings.read(Settings.load(Optional.empty(), overrides), NodeSettings::from);
        System.exit(NodeMain.run(settings, Role.ROLE_LANGUAGE, Set.of(), process -> start(args[0], process)).code());
    }

    private static void start(String what, NodeProcess process) throws StartFailure {
        switch (what) {
            case "serve" -> process.ready();
            case "hang" -> {
                System.out.println("hanging");
                new CompletableFuture<Void>().join();
            }
            case "refuse" -> throw new StartFailure(ExitCode.NOT_STRICT, "the self-test failed");
            case "throw" -> Thread.ofPlatform().start(() -> {
                throw new IllegalStateException("in a thread of its own");
            });
            case "break" -> process.spawn(Behaviors.setup(_ -> {
                throw new LinkageError("in an actor");
            }), "broken", Props.empty());
            default -> throw new IllegalArgumentException(what);
        }
    }
}
