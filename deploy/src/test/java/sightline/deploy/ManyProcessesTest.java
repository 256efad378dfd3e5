package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.client.Question;
import sightline.client.SightlineClient;
import sightline.deploy.bench.NoisePictures;
import sightline.deploy.client.PictureWait;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.cluster.MetricsPage;
import sightline.v1.GenerateRequest;
import sightline.v1.GetClusterRequest;
import sightline.v1.InferenceGrpc;
import sightline.v1.Node;
import sightline.wire.Endpoint;

/** Two processes of every role, and what a third does that comes and goes. */
@Timeout(240)
class ManyProcessesTest {
    private static final long LIMIT_SECONDS = 60;
    private static final Duration POLL = Duration.ofMillis(50);
    private static final String GENERATED = "sightline_generated_tokens_total";

    @RegisterExtension
    static final RunningUp UP = new RunningUp("--host", "127.0.0.2", "--vision", "2", "--language", "2", "--routers",
            "2");

    @Test
    void everyProcessIsStartedAndKnownToEveryRouter() throws Exception {
        var names = List.of("language-1", "language-2", "router-1", "router-2", "vision-1", "vision-2");
        assertThat(UP.names()).containsExactlyInAnyOrderElementsOf(names);
        assertThat(UP.routers()).hasSize(2).doesNotHaveDuplicates();
        for (var router : UP.blocking())
            await(router, nodes -> nodes.stream().map(Node::getName).toList().equals(names)
                    && nodes.stream().allMatch(node -> node.getState().equals("SERVING")));
    }

    @Test
    void bothRoutersGiveTheSameAnswersAndAllNodesHaveWork() throws Exception {
        var requests = new ArrayList<RunningRequest>();
        for (int round = 0; round < 4; round++)
            for (var router : UP.inference())
                requests.add(RunningRequest.start(router, question("Describe the image.", Demo.sample())));
        var first = requests.getFirst().awaitAnswer(LIMIT_SECONDS);
        assertThat(first.text()).startsWith("There is a purple square");
        assertThat(first.started().getLanguageFingerprint()).isNotEmpty();
        for (var request : requests) {
            var answer = request.awaitAnswer(LIMIT_SECONDS);
            assertThat(answer.choices()).isEqualTo(first.choices());
            assertThat(answer.started().getLanguageFingerprint())
                    .isEqualTo(first.started().getLanguageFingerprint());
        }
        for (var language : List.of("language-1", "language-2"))
            assertThat(UP.metrics(language).value(GENERATED)).as(language).isPositive();
        for (var vision : List.of("vision-1", "vision-2"))
            assertThat(UP.metrics(vision).value("sightline_encode_seconds_count")).as(vision).isPositive();
    }

    @Test
    void everyRoleIsToldTruly() throws Exception {
        for (var node : nodes(UP.blocking().getLast())) {
            assertThat(UP.metrics(node.getName()).read()).as(node.getName())
                    .anyMatch(line -> line.startsWith("sightline_build_info")
                            && line.contains("fingerprint=\"" + node.getFingerprint() + "\""));
            switch (node.getRole()) {
                case "router" -> assertThat(UP.routers()).contains(Endpoint.parse(node.getEndpoint()));
                case "vision" -> assertThat(node.getStoreBytesTotal()).isEqualTo(256L << 20);
                case "language" -> {
                    assertThat(node.getKvBlocksTotal())
                            .isEqualTo((long) UP.metrics(node.getName()).value("sightline_kv_blocks_total"));
                    assertThat(node.getReplica() + " " + node.getStage() + "/" + node.getStages())
                            .isEqualTo(node.getName() + " 0/1");
                }
                default -> throw new AssertionError(node);
            }
            if (!node.getRole().equals("router")) {
                assertThat(node.getModel()).isEqualTo("checkpoint");
                assertThat(node.getModelDigest()).hasSize(64);
                assertThat(node.getDevice()).isEqualTo("cpu");
                assertThat(node.getDtype()).isIn("bfloat16", "float32");
                assertThat(node.getFingerprint()).isNotEmpty();
            }
        }
    }

    @Test
    void topShowsEveryProcessByWayOfAnyRouter() {
        for (var router : UP.routers()) {
            var ended = Commands.run("top", "--once", "--target", "127.0.0.1:1," + router);
            assertThat(ended.exitCode()).as(ended.err()).isZero();
            assertThat(ended.out()).contains("6 nodes by " + router)
                    .containsPattern("language-2 +language +SERVING .* 0\\.0 tokens/s")
                    .containsPattern("vision-1 +vision +SERVING .* 0\\.0 images/s");
        }
    }

    @Test
    void nodesThatJoinAreUsedAndNoRequestFailsWhenTheyLeave() throws Exception {
        var joined = new TreeMap<String, Process>();
        try {
            for (var role : List.of("router", "vision", "language"))
                joined.put(role + "-3", join(role, role + "-3"));
            for (var name : joined.keySet())
                for (var router : UP.blocking())
                    await(router, nodes -> node(name, nodes).filter(ManyProcessesTest::isUsable).isPresent());
            answerByWayOf(node("router-3", nodes(UP.blocking().getFirst())).orElseThrow().getEndpoint());
            assertThat(metrics("language-3").value(GENERATED)).isPositive();
            assertThat(metrics("vision-3").value("sightline_encode_seconds_count")).isPositive();

            joined.values().forEach(process -> process.toHandle().destroy());
            do
                answerTogether(6);
            while (joined.values().stream().anyMatch(Process::isAlive));
            for (var process : joined.values())
                assertThat(process.waitFor()).isZero();
            for (var router : UP.blocking())
                await(router, nodes -> nodes.size() == UP.names().size());
            for (var name : List.of("router-1", "router-2", "language-1", "language-2"))
                assertThat(UP.process(name).isAlive()).as(name).isTrue();
        } finally {
            joined.values().forEach(Process::destroyForcibly);
        }
    }

    @Test
    void noRequestFailsWhenAVisionNodeIsStoppedAndItIsStartedAgain() throws Exception {
        var stopped = UP.process("vision-2");
        stopped.destroy();
        do
            answerTogether(4);
        while (stopped.isAlive());
        for (var router : UP.blocking())
            await(router,
                    nodes -> node("vision-2", nodes).filter(node -> node.getState().equals("SERVING")).isPresent());
    }

    /** With the command line that {@code up} tells; the node is not ready yet. */
    private static Process join(String role, String name) throws IOException {
        var told = UP.said()
                .stream()
                .filter(line -> line.startsWith("one more " + role + ": "))
                .findFirst()
                .orElseThrow();
        var args = new ArrayList<>(Arrays.asList(told.substring(told.indexOf(" node ") + 1).split(" ", -1)));
        args.addAll(List.of("--name", name));
        return Commands.process(args)
                .redirectOutput(Redirect.DISCARD)
                .redirectError(UP.logFile(name).toFile())
                .start();
    }

    /** Whether a router may send it work, or clients may use it. */
    private static boolean isUsable(Node node) {
        return node.getState().equals("SERVING") && (node.getRole().equals("router") || !node.getModel().isEmpty());
    }

    private static MetricsPage metrics(String joined) {
        return new MetricsPage(
                Endpoint.parse(node(joined, nodes(UP.blocking().getFirst())).orElseThrow().getMetrics()));
    }

    /** So many questions about different pictures that every node has work. */
    private static void answerByWayOf(String router) throws Exception {
        try (var client = SightlineClient.to(router)) {
            PictureWait.await(client, Duration.ofSeconds(LIMIT_SECONDS));
            var answers = NoisePictures.of(24, 64, 1)
                    .stream()
                    .map(picture -> client.generate(question("Describe the image.", picture)).listen(_ -> {}))
                    .toList();
            for (var answer : answers)
                assertThat(answer.get(LIMIT_SECONDS, TimeUnit.SECONDS).text()).isNotEmpty();
        }
    }

    /** So many requests at a time by way of every router; each must be answered. */
    private static void answerTogether(int count) throws Exception {
        var requests = new ArrayList<RunningRequest>();
        for (int i = 0; i < count; i++)
            for (var router : UP.inference())
                requests.add(RunningRequest.start(router, question("How many shapes are there?", Demo.sample())));
        for (var request : requests)
            assertThat(request.awaitAnswer(LIMIT_SECONDS).text()).isEqualTo("There are three shapes.");
    }

    private static void await(InferenceGrpc.InferenceBlockingStub router, Predicate<List<Node>> wanted)
            throws InterruptedException {
        long endNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        var nodes = nodes(router);
        while (!wanted.test(nodes) && System.nanoTime() < endNanos) {
            Thread.sleep(POLL);
            nodes = nodes(router);
        }
        assertThat(wanted.test(nodes)).as("%s", nodes).isTrue();
    }

    private static List<Node> nodes(InferenceGrpc.InferenceBlockingStub router) {
        return router.getCluster(GetClusterRequest.getDefaultInstance()).getNodesList();
    }

    private static Optional<Node> node(String name, List<Node> nodes) {
        return nodes.stream().filter(node -> node.getName().equals(name)).findFirst();
    }

    private static GenerateRequest question(String text, ByteString picture) {
        return new Question(text, List.of(picture)).request().build();
    }
}
