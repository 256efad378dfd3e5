package sightline.router;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.Done;
import org.apache.pekko.actor.typed.Props;
import sightline.router.session.PromptPreparation;
import sightline.router.session.RouterMetrics;
import sightline.router.session.Sessions;
import sightline.runtime.ExitCode;
import sightline.runtime.Heartbeat;
import sightline.runtime.NodeChannels;
import sightline.runtime.NodeDirectory;
import sightline.runtime.NodeMain;
import sightline.runtime.NodeProcess;
import sightline.runtime.NodeSettings;
import sightline.runtime.PublicLimits;
import sightline.runtime.PublicServices;
import sightline.runtime.Settings;
import sightline.runtime.StartFailure;
import sightline.stage.v1.Load;
import sightline.stage.v1.Role;
import sightline.v1.InferenceGrpc;

/** Makes a process a router: opens the public port and learns from the cluster whom to send work to. */
public final class RouterNode implements NodeMain.RoleStart {
    private static final Duration OVERDUE_EVERY = Duration.ofSeconds(1);

    private final RouterSettings settings;

    public RouterNode(RouterSettings settings) {
        this.settings = settings;
    }

    /** Runs a router as a process of its own, from settings to exit code. */
    public static ExitCode run(Config settings) throws StartFailure {
        var node = Settings.read(settings, NodeSettings::from);
        var router = new RouterNode(Settings.read(settings, RouterSettings::from));
        return NodeMain.run(node, Role.ROLE_ROUTER, Set.of(InferenceGrpc.SERVICE_NAME), router);
    }

    @Override
    public void start(NodeProcess process) throws StartFailure {
        var metrics = new RouterMetrics(process.metrics().registry());
        var preparation = new PromptPreparation(settings.promptThreads(), settings.sessions().sessions());
        process.onStop("prompt-threads", () -> {
            preparation.close();
            return CompletableFuture.completedStage(Done.getInstance());
        });
        process.load(
                () -> Load.newBuilder().setRunning(metrics.running()).setWaiting(metrics.waiting()).build());
        var actors = spawn(process, metrics, preparation);
        process.onDrain("refuse-requests", () -> {
            actors.sessions().tell(Sessions.Drain.DRAIN);
            return CompletableFuture.completedStage(Done.getInstance());
        });
        process.serve(new RelayService(settings, actors, metrics, process.system()));
        var service = new InferenceService(settings, actors, metrics, process.system());
        var memory = new RequestMemory(settings.sessions(), settings.messageTimeout(), metrics::requestBytes);
        var overdue = new Heartbeat("message-timeout", OVERDUE_EVERY, () -> memory.endOverdue(System.nanoTime()));
        process.onStop("message-timeout", () -> {
            overdue.close();
            return CompletableFuture.completedStage(Done.getInstance());
        });
        var arriving = new ArrivingMessages(memory, metrics);
        process.openPublic(settings.listener(), "router.port", PublicLimits.standard(settings.longestDeadline()),
                new PublicServices(List.of(CheckedMessages.of(CallTenant.toldTo(service.bindService()), metrics)),
                        arriving, arriving));
        process.ready();
    }

    private RouterActors spawn(NodeProcess process, RouterMetrics metrics, PromptPreparation preparation) {
        var started = new CompletableFuture<RouterActors>();
        var parts = new RouterGuardian.Parts(settings, metrics, preparation, NodeChannels::openForPassingOn,
                NodeDirectory::create, process.endpoint(), process.health()::serving);
        process.spawn(RouterGuardian.create(parts, started), "router", Props.empty());
        return started.join();
    }
}
