package sightline.deploy;

import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import sightline.deploy.top.Screen;
import sightline.deploy.top.Top;
import sightline.runtime.ExitCode;
import sightline.wire.Endpoint;

/** {@code sightline top}: the nodes of a running cluster, and what they do, every second. */
@Command(name = "top", description = {"Watch a running cluster: nodes, states, load, memory and rates, every second,",
    "until Ctrl-C; on a terminal in place, else one table below the other."})
final class TopCommand implements Callable<Integer> {
    private static final Duration INTERVAL = Duration.ofSeconds(1);

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Option(names = "--target", paramLabel = "HOST:PORT", split = ",", defaultValue = "127.0.0.1:7070", description = "Routers, separated by commas; one that is gone is replaced by another (default: ${DEFAULT-VALUE}).")
    private List<Endpoint> targets = new ArrayList<>();

    @Option(names = "--once", description = "Print one table, with the rates of one second.")
    private boolean once;

    @Override
    public Integer call() throws InterruptedException {
        return once ? once() : live();
    }

    private int once() throws InterruptedException {
        try (var top = new Top(targets, new Screen.Plain(out()), INTERVAL)) {
            var failed = top.once();
            failed.ifPresent(received -> spec.commandLine().getErr().println(ErrorLine.of(received)));
            return (failed.isPresent() ? ExitCode.REQUEST : ExitCode.DONE).code();
        }
    }

    private int live() throws InterruptedException {
        var ending = new AtomicBoolean();
        try (Screen screen = isTerminal() ? new Screen.Terminal(out()) : new Screen.Plain(out());
                var top = new Top(targets, screen, INTERVAL)) {
            endOnSignal(screen, ending);
            top.live();
            return ExitCode.DONE.code();
        } finally {
            ending.set(true);
        }
    }

    /** Ctrl-C is how a view ends: the terminal is given back, and nothing has failed. */
    private static void endOnSignal(Screen screen, AtomicBoolean ending) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (!ending.get()) {
                screen.close();
                Runtime.getRuntime().halt(ExitCode.DONE.code());
            }
        }, "end-on-signal"));
    }

    private static boolean isTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
                && !"dumb".equals(System.getenv("TERM"));
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }
}
