package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.client.Question;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.cluster.RecordedEvents.Ready;
import sightline.deploy.cluster.RecordedEvents.Restarting;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.GenerateRequest;
import sightline.v1.Stopping;

@Timeout(180)
class ProcessLossTest {
    private static final Duration BACK = Duration.ofSeconds(15);
    private static final Duration FOUND = Duration.ofSeconds(8); // a process is often ready before the cluster has let it in
    private static final Duration PAUSE = Duration.ofSeconds(3);
    private static final long LIMIT_SECONDS = 60;

    /** Slow steps and a slow encoder, so that a request is surely under way when its process dies. */
    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(
            Map.of("fault-hooks.enabled", "true", "fault-hooks.delay-step-millis", "10",
                    "fault-hooks.delay-encode-millis", "2000", "fault-hooks.crash-on-prompt-containing",
                    "the capital of", "router.wait-for-replica", "30s"));

    @Test
    void anAnswerGoesOnWhenTheLanguageProcessIsBackThatWasKilledMidStream() throws Exception {
        var before = pids("router-1", "vision-1");
        var request = answer(Demo.sample(), 300);
        var whole = RunningRequest.start(CLUSTER.inference(), request).awaitAnswer(LIMIT_SECONDS);
        var running = RunningRequest.start(CLUSTER.inference(), request);
        running.awaitFirstDelta(LIMIT_SECONDS);
        long killedNanos = kill("language-1");
        expectBack("language-1", killedNanos);
        var answer = running.awaitAnswer(LIMIT_SECONDS);
        assertThat(answer.choices()).isEqualTo(whole.choices());
        assertThat(answer.finished().getTimeline().getFailovers()).isPositive();
        assertThat(pids("router-1", "vision-1")).isEqualTo(before);
    }

    @Test
    void aPictureWaitsForTheVisionProcessToBeBackThatWasKilledDuringEncode() throws Exception {
        var before = pids("router-1", "language-1");
        var vision = CLUSTER.metrics("vision-1");
        double preparedBefore = vision.value("sightline_preprocess_seconds_count");
        var request = RunningRequest.start(CLUSTER.inference(), answer(Demo.picture("sample-2.png"), 20));
        vision.await("sightline_preprocess_seconds_count", prepared -> prepared == preparedBefore + 1, BACK);
        long killedNanos = kill("vision-1");
        expectBack("vision-1", killedNanos);
        assertThat(request.awaitAnswer(LIMIT_SECONDS).choices().getFirst().tokenIds()).hasSize(20);
        assertThat(pids("router-1", "language-1")).isEqualTo(before);
    }

    @Test
    void aPromptThatEndsTwoProcessesIsPoisonAndTheNextOneIsServed() throws Exception {
        var before = pids("router-1", "vision-1");
        var running = RunningRequest.start(CLUSTER.inference(), answer(Demo.sample(), 900));
        running.awaitFirstDelta(LIMIT_SECONDS);
        var poison = RunningRequest.start(CLUSTER.inference(),
                new Question("What is the capital of France?", List.of()).request().build());
        assertThat(CLUSTER.events().await(Restarting.class, BACK).process()).isEqualTo("language-1");
        var failed = poison.awaitFailure(LIMIT_SECONDS).received();
        long endedNanos = System.nanoTime();
        assertThat(failed.status()).isEqualTo("INTERNAL");
        assertThat(failed.reason()).contains("POISON");
        expectBack("language-1", endedNanos);
        assertThat(running.awaitAnswer(LIMIT_SECONDS).choices().getFirst().tokenIds()).hasSize(900);
        assertThat(pids("router-1", "vision-1")).isEqualTo(before);
    }

    @Test
    void routerPausedForThreeSecondsBlamesNobodyAndGoesOn() throws Exception {
        var request = RunningRequest.start(CLUSTER.inference(), answer(Demo.sample(), 900));
        request.awaitFirstDelta(LIMIT_SECONDS);
        CLUSTER.signal("STOP", "router-1");
        Thread.sleep(PAUSE);
        CLUSTER.signal("CONT", "router-1");
        assertThat(request.awaitAnswer(LIMIT_SECONDS).choices().getFirst().tokenIds()).hasSize(900);
    }

    private static void expectBack(String name, long killedNanos) throws Exception {
        assertThat(CLUSTER.events().await(Restarting.class, BACK).process()).isEqualTo(name);
        Ready ready;
        do {
            ready = CLUSTER.events().await(Ready.class, BACK);
        } while (!ready.process().equals(name));
        long readyNanos = System.nanoTime();
        CLUSTER.awaitPictures(BACK);
        var found = Duration.ofNanos(System.nanoTime() - readyNanos);
        System.out.printf("%s ready after %d ms, used %d ms later%n", name, (readyNanos - killedNanos) / 1_000_000,
                found.toMillis());
        assertThat(found).isLessThan(FOUND);
        assertThat(Duration.ofNanos(System.nanoTime() - killedNanos)).isLessThan(BACK);
        var next = RunningRequest.start(CLUSTER.inference(),
                new Question(Up.SAMPLE_QUESTION, List.of(Demo.sample())).request()
                        .build());
        assertThat(next.awaitAnswer(LIMIT_SECONDS).text()).startsWith("There is");
    }

    private static List<Long> pids(String... names) {
        return List.of(names).stream().map(name -> CLUSTER.process(name).pid()).toList();
    }

    private static long kill(String name) {
        long nowNanos = System.nanoTime();
        assertThat(CLUSTER.process(name).destroyForcibly()).isTrue();
        return nowNanos;
    }

    private static GenerateRequest answer(ByteString picture, int tokens) {
        return new Question("Describe the image.", List.of(picture)).request()
                .setStopping(Stopping.newBuilder().setIgnoreEos(true).setMaxNewTokens(tokens))
                .build();
    }
}
