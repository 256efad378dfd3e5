package sightline.deploy;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import sightline.client.Question;
import sightline.client.RequestFailed;
import sightline.client.SightlineClient;
import sightline.deploy.client.PictureWait;
import sightline.deploy.cluster.ClusterPlan;
import sightline.deploy.cluster.JvmCommand;
import sightline.deploy.cluster.LocalCluster;
import sightline.runtime.ExitCode;
import sightline.v1.Stopping;
import sightline.wire.Endpoint;

/** The story of {@code up}: start, wait until warm, ask, stay. Whatever ends it, the processes end too. */
final class Up {
    /** What the demo model is asked first. */
    static final String SAMPLE_QUESTION = "What is in this picture?";

    /** A router notices a warm node at its next round of questions, twice a second. */
    private static final Duration SERVING_LIMIT = Duration.ofSeconds(30);

    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(5);

    /** The demo model needs half of that; another model is not asked for a long story before the cluster is ready. */
    private static final int ANSWER_TOKENS = 48;

    private final Path samplePicture;
    private final UpConsole console;

    Up(Path samplePicture, UpConsole console) {
        this.samplePicture = samplePicture;
        this.console = console;
    }

    /** Returns the exit code; with {@code once} as soon as the sample question is answered. */
    int run(ClusterPlan plan, JvmCommand jvm, Path logs, boolean once) throws IOException, InterruptedException {
        var ending = new AtomicBoolean();
        try (var cluster = LocalCluster.start(plan, jvm, logs, console)) {
            endOnSignal(cluster, ending);
            var gaveUp = cluster.gaveUp();
            CompletableFuture.anyOf(cluster.allReady(), gaveUp).join();
            if (gaveUp.isDone())
                return gaveUp.join();
            int exitCode = askSample(plan);
            if (once || exitCode != ExitCode.DONE.code())
                return exitCode;
            console.ready(plan);
            return gaveUp.join();
        } finally {
            ending.set(true);
        }
    }

    /** At every router, before anybody is told of it; where it is in vain, the sample's answer says why. */
    private static void awaitPictures(List<Endpoint> routers) throws InterruptedException {
        for (var router : routers)
            try (var client = new SightlineClient(List.of(router))) {
                PictureWait.await(client, SERVING_LIMIT);
            }
    }

    private int askSample(ClusterPlan plan) throws IOException, InterruptedException {
        var question = new Question(SAMPLE_QUESTION, List.of(ByteString.copyFrom(Files.readAllBytes(samplePicture))));
        console.asking(samplePicture, question.text());
        GrpcLog.quieten();
        awaitPictures(plan.routers());
        try (var client = new SightlineClient(plan.routers())) {
            var request = question.request().setStopping(Stopping.newBuilder().setMaxNewTokens(ANSWER_TOKENS));
            client.generate(request.build(), ANSWER_LIMIT).answer(event -> console.text(event.getDelta().getText()));
            console.answered();
            return ExitCode.DONE.code();
        } catch (RequestFailed e) {
            console.failed(e.received());
            return ExitCode.REQUEST.code();
        }
    }

    /** A signal that arrives before the end by itself: no process may be left, and being told to stop is no failure. */
    private static void endOnSignal(LocalCluster cluster, AtomicBoolean ending) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (!ending.get()) {
                cluster.close();
                Runtime.getRuntime().halt(ExitCode.DONE.code());
            }
        }, "end-on-signal"));
    }
}
