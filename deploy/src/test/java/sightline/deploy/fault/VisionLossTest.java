package sightline.deploy.fault;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.client.Question;
import sightline.deploy.HeldOutSet;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.client.RunningRequest.Answered;
import sightline.deploy.client.RunningRequest.Failed;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.GenerateRequest;

/** One of two vision nodes dies while many pictures wait to be encoded. */
@Timeout(240)
class VisionLossTest {
    private static final int REQUESTS = 200;
    private static final int KILLED_AT_ANSWER = 50;
    private static final long LIMIT_SECONDS = 120;
    private static final Duration FREED = Duration.ofSeconds(5);
    private static final List<String> CLEAR_REFUSALS = List.of("OVERLOADED", "NO_REPLICA");

    /** A slow encoder that keeps nothing, so that most pictures are still to be encoded when the node dies. */
    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(2, 1,
            Map.of("fault-hooks.enabled", "true", "fault-hooks.delay-encode-millis", "50", "language.max-waiting",
                    "200"));

    @Test
    void everyRequestEndsWithItsAnswerOrAClearRefusalWhenAVisionNodeDiesAmongThem() throws Exception {
        var requests = requests();
        var answered = new CountDownLatch(KILLED_AT_ANSWER);
        var running = startAll(requests, answered::countDown);
        assertThat(answered.await(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        double waiting = CLUSTER.metrics("vision-2").value("sightline_leases");
        assertThat(CLUSTER.process("vision-2").destroyForcibly()).isTrue();
        var outcomes = new ArrayList<RunningRequest.Outcome>();
        for (var request : running)
            outcomes.add(request.await(LIMIT_SECONDS));

        var calm = startAll(requests, () -> {});
        int refused = 0;
        for (int i = 0; i < REQUESTS; i++) {
            var right = calm.get(i).awaitAnswer(LIMIT_SECONDS);
            switch (outcomes.get(i)) {
                case Answered(var answer, var _) ->
                        assertThat(answer.choices()).as("request %d", i).isEqualTo(right.choices());
                case Failed(var received, var _) -> {
                    assertThat(received.reason().orElseThrow()).as(received.toString()).isIn(CLEAR_REFUSALS);
                    refused++;
                }
            }
        }
        System.out.printf("%d requests, a vision node killed at the %dth answer with %.0f pictures on it: "
                + "%d answered as without a fault, %d refused, 0 without an end%n", REQUESTS, KILLED_AT_ANSWER, waiting,
                REQUESTS - refused, refused);
        assertThat(waiting).as("pictures on the node that was killed").isPositive();
        assertThat(refused).isLessThan(REQUESTS / 2);
        assertThat(CLUSTER.log("router-1")).containsPattern("event=encode-again request=\\S+ node=vision-2 cause=");
        awaitNothingHeld();
    }

    /** Every fourth of them asks about three pictures. */
    private static List<GenerateRequest> requests() throws IOException {
        var items = HeldOutSet.read()
                .items()
                .stream()
                .collect(Collectors.toMap(HeldOutSet.Item::name, item -> item, (one, _) -> one, TreeMap::new))
                .values()
                .stream()
                .limit(REQUESTS)
                .toList();
        return IntStream.range(0, REQUESTS)
                .mapToObj(i -> new Question(items.get(i).question(),
                        items.subList(i, i % 4 == 0 ? i + 3 : i + 1).stream().map(HeldOutSet.Item::picture).toList())
                        .request()
                        .build())
                .toList();
    }

    /** All under way at once: over four connections, each of which takes a hundred. */
    private static List<RunningRequest> startAll(List<GenerateRequest> requests, Runnable atEnd) {
        var clients = Stream.generate(CLUSTER::anotherClient).limit(4).toList();
        return IntStream.range(0, requests.size())
                .mapToObj(i -> RunningRequest.start(clients.get(i % clients.size()), requests.get(i), atEnd))
                .toList();
    }

    private static void awaitNothingHeld() throws Exception {
        for (var gauge : List.of("sightline_sequences_running", "sightline_sequences_waiting",
                "sightline_kv_blocks_used"))
            CLUSTER.metrics("language-1").await(gauge, value -> value == 0, FREED);
        CLUSTER.metrics("vision-1").await("sightline_leases", leases -> leases == 0, FREED);
        for (var gauge : List.of("sightline_requests_running", "sightline_request_bytes"))
            CLUSTER.metrics("router-1").await(gauge, value -> value == 0, FREED);
    }
}
