package sightline.deploy.fault;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.client.Answer;
import sightline.client.Question;
import sightline.deploy.Demo;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.cluster.RecordedEvents.Restarting;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.GenerateRequest;
import sightline.v1.GetClusterRequest;
import sightline.v1.InferenceGrpc;
import sightline.v1.Node;
import sightline.v1.Output;
import sightline.v1.Sampling;
import sightline.v1.Stopping;

/** A language replica in three processes: its answers are those of one process, also when a part of it is lost. */
@Timeout(300)
class StageLossTest {
    private static final long LIMIT_SECONDS = 90;
    private static final Duration BACK = Duration.ofSeconds(30);
    private static final int TOKENS = 150;
    private static final String HEAD = "language-1";
    private static final String MIDDLE = "language-1.1";
    private static final String LAST = "language-1.2";

    /** One thread each, as the bits may depend on it; slow steps, so that a kill surely falls among them. */
    private static final Map<String, String> SETTINGS = Map.of("language.threads", "1", "fault-hooks.enabled", "true",
            "fault-hooks.delay-step-millis", "5", "router.wait-for-replica", "60s");

    /** Longer than any other prompt here. */
    private static final GenerateRequest POISON = new Question("Is that a cat? ".repeat(20), List.of()).request()
            .build();
    private static final int POISON_POSITIONS = 213;

    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(
            with(SETTINGS, "fault-hooks.crash-on-prompt-positions", POISON_POSITIONS)).inStages(3);

    private static List<GenerateRequest> requests = List.of();
    private static List<Answer> expected = List.of();

    @BeforeAll
    static void askOneProcess() throws Exception {
        requests = requests();
        try (var whole = new ServedCluster(SETTINGS)) {
            whole.start();
            expected = answers(start(whole));
            var harmless = RunningRequest.start(whole.inference(), POISON).awaitAnswer(LIMIT_SECONDS);
            assertThat(harmless.finished().getUsage().getPromptTokens()).isEqualTo(POISON_POSITIONS);
        }
    }

    @Test
    void answersAreThoseOfOneProcess() throws Exception {
        assertSame(answers(start(CLUSTER)));
        for (var stage : List.of(HEAD, MIDDLE, LAST)) {
            assertThat(CLUSTER.metrics(stage).value("sightline_stage_busy_seconds_total")).as(stage).isPositive();
        }
    }

    @Test
    void everyStageIsShownAndHoldsItsPart() throws Exception {
        var nodes = InferenceGrpc.newBlockingStub(CLUSTER.inference().getChannel())
                .withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS)
                .getCluster(GetClusterRequest.getDefaultInstance())
                .getNodesList();
        assertThat(nodes).filteredOn(node -> node.getRole().equals("language"))
                .extracting(StageLossTest::place)
                .containsExactly("language-1 0/3 SERVING", "language-1 1/3 SERVING", "language-1 2/3 SERVING");
        for (var name : List.of(HEAD, MIDDLE, LAST)) {
            System.out.printf("%s: %d MiB anonymous, %d KiB of them LibTorch's%n", name,
                    CLUSTER.anonymousBytes(name) >> 20,
                    (long) CLUSTER.metrics(name).value("sightline_native_bytes") >> 10);
        }
    }

    @Test
    void aMiddleStageKilledMidAnswersChangesNoTokenAndNoOtherProcess() throws Exception {
        var others = pids(HEAD, LAST, "router-1", "vision-1");
        var running = start(CLUSTER);
        for (var request : running) {
            request.awaitFirstDelta(LIMIT_SECONDS);
        }
        assertThat(CLUSTER.process(MIDDLE).destroyForcibly()).isTrue();
        var answers = answers(running);
        assertSame(answers);
        assertThat(answers).anySatisfy(
                answer -> assertThat(answer.finished().getTimeline().getFailovers()).isPositive());
        assertThat(pids(HEAD, LAST, "router-1", "vision-1")).isEqualTo(others);
        assertSame(answers(start(CLUSTER)));
    }

    @Test
    void aMiddleStageThatStandsStillIsLostUntilItGoesOn() throws Exception {
        var all = pids(HEAD, MIDDLE, LAST, "router-1", "vision-1");
        var running = start(CLUSTER);
        for (var request : running) {
            request.awaitFirstDelta(LIMIT_SECONDS);
        }
        CLUSTER.signal("STOP", MIDDLE);
        try {
            CLUSTER.awaitServing(nodes -> !nodes.contains(HEAD), BACK);
        } finally {
            CLUSTER.signal("CONT", MIDDLE);
        }
        assertSame(answers(running));
        assertThat(pids(HEAD, MIDDLE, LAST, "router-1", "vision-1")).isEqualTo(all);
    }

    @Test
    void aPromptThatEndsTheProcessOfAStageTwiceIsPoisonAndItsNeighboursGoOn() throws Exception {
        var others = pids(HEAD, LAST, "router-1", "vision-1");
        var running = start(CLUSTER);
        for (var request : running) {
            request.awaitFirstDelta(LIMIT_SECONDS);
        }
        var failed = RunningRequest.start(CLUSTER.inference(), POISON).awaitFailure(LIMIT_SECONDS).received();
        assertThat(failed.status()).isEqualTo("INTERNAL");
        assertThat(failed.reason()).contains("POISON");
        assertSame(answers(running));
        assertThat(CLUSTER.log(MIDDLE).lines().filter(line -> line.contains("event=crash-on-purpose"))).hasSize(2);
        assertThat(pids(HEAD, LAST, "router-1", "vision-1")).isEqualTo(others);
    }

    @Test
    void aHeadKilledMidAnswersFindsItsStagesAsTheyWere() throws Exception {
        var others = pids(MIDDLE, LAST, "router-1", "vision-1");
        var running = start(CLUSTER);
        for (var request : running) {
            request.awaitFirstDelta(LIMIT_SECONDS);
        }
        assertThat(CLUSTER.process(HEAD).destroyForcibly()).isTrue();
        assertSame(answers(running));
        assertThat(pids(MIDDLE, LAST, "router-1", "vision-1")).isEqualTo(others);
    }

    @Test
    void aStageThatIsToldToStopEndsWithZeroAndItsAnswersGoOn() throws Exception {
        var others = pids(HEAD, MIDDLE, "router-1", "vision-1");
        var running = start(CLUSTER);
        for (var request : running) {
            request.awaitFirstDelta(LIMIT_SECONDS);
        }
        CLUSTER.signal("TERM", LAST);
        Restarting ended;
        do {
            ended = CLUSTER.events().await(Restarting.class, BACK);
        } while (!ended.process().equals(LAST));
        assertThat(ended.exitCode()).isZero();
        assertSame(answers(running));
        CLUSTER.awaitServing(nodes -> nodes.contains(HEAD), BACK);
        assertThat(CLUSTER.log(HEAD)).contains("is told to stop");
        assertThat(pids(HEAD, MIDDLE, "router-1", "vision-1")).isEqualTo(others);
    }

    private static Map<String, String> with(Map<String, String> settings, String key, int value) {
        var more = new HashMap<>(settings);
        more.put(key, Integer.toString(value));
        return more;
    }

    private static String place(Node node) {
        return node.getReplica() + " " + node.getStage() + "/" + node.getStages() + " "
                + node.getState().replace(", FAULT_HOOKS", "");
    }

    private static List<RunningRequest> start(ServedCluster cluster) {
        return requests.stream().map(request -> RunningRequest.start(cluster.inference(), request)).toList();
    }

    private static List<Answer> answers(List<RunningRequest> running) throws Exception {
        var answers = new ArrayList<Answer>();
        for (var request : running) {
            answers.add(request.awaitAnswer(LIMIT_SECONDS));
        }
        return answers;
    }

    private static void assertSame(List<Answer> answers) {
        assertThat(answers).extracting(Answer::choices).isEqualTo(expected.stream().map(Answer::choices).toList());
        assertThat(answers).extracting(answer -> answer.started().getLanguageFingerprint())
                .isEqualTo(expected.stream().map(answer -> answer.started().getLanguageFingerprint()).toList());
    }

    private static List<Long> pids(String... names) {
        return List.of(names).stream().map(name -> CLUSTER.process(name).pid()).toList();
    }

    /** Greedy and drawn, with pictures and without, with log probabilities. */
    private static List<GenerateRequest> requests() throws Exception {
        var picture = ByteString.copyFrom(Files.readAllBytes(Demo.CHECKPOINT.resolveSibling("sample-1.png")));
        var another = ByteString.copyFrom(Files.readAllBytes(Demo.CHECKPOINT.resolveSibling("sample-2.png")));
        var drawn = Sampling.newBuilder().setTemperature(0.9).setSeed(7);
        return List.of(request("Describe the image.", List.of(picture), Sampling.newBuilder()),
                request("Describe the image.", List.of(another), drawn),
                request("What is in this picture?", List.of(picture), drawn.clone().setSeed(8)),
                request("Tell me about shapes and colours.", List.of(), drawn.clone().setSeed(9)),
                request("How many are there?", List.of(), Sampling.newBuilder()));
    }

    private static GenerateRequest request(String text, List<ByteString> pictures, Sampling.Builder sampling) {
        return new Question(text, pictures).request()
                .setSampling(sampling)
                .setStopping(Stopping.newBuilder().setIgnoreEos(true).setMaxNewTokens(TOKENS))
                .setOutput(Output.newBuilder().setTopLogprobs(3))
                .build();
    }
}
