package sightline.deploy.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.v1.Conversation;
import sightline.v1.GenerateRequest;
import sightline.v1.Message;
import sightline.v1.Part;

/** One router holds many answers whose clients hardly read; {@code -Dsightline.slow-streams} says how many. */
class SlowStreamsTest {
    private static final int STREAMS = Integer.getInteger("sightline.slow-streams", 1_000);
    private static final int AT_A_TIME = 100;
    private static final int ROUNDS = 5;
    private static final int BEAT_SECONDS = 5; // so many streams that beat twice a second would do little else
    private static final long MOST_RESIDENT_BYTES = 500_000_000 + STREAMS * 150_000L; // 2 GB for 10,000
    private static final long MOST_HEAP_BYTES_EACH = 40_000;
    private static final int MOST_THREADS = 250;

    @Test
    @Timeout(value = 10, unit = TimeUnit.MINUTES)
    void manySlowStreamsTakeLittleMemoryAndLoseNothing() throws Exception {
        var admitting = Map.of("router.max-sessions", Integer.toString(STREAMS), "router.slow-client-after", "10m",
                "router.beat-interval", BEAT_SECONDS + "s", "router.silent-after", 10 * BEAT_SECONDS + "s");
        var demo = Path.of(System.getProperty("sightline.demo"));
        try (var language = SimulatedLanguage.start(demo, Duration.ofSeconds(BEAT_SECONDS));
                var router = RouterProcess.start(language.seed(), admitting);
                var clients = new SlowClients(router.endpoint())) {
            router.awaitModel();
            clients.open(requests("first", AT_A_TIME)); // classes are loaded, pools are filled
            long heapBefore = heapBytes(router);
            for (int i = AT_A_TIME; i < STREAMS; i += AT_A_TIME)
                clients.open(requests("batch-" + i, AT_A_TIME));
            for (int round = 0; round < ROUNDS; round++) {
                assertThat(language.sequences()).hasSize(STREAMS).allMatch(sequence -> sequence.say(300));
                clients.read(STREAMS / 2); // the others read nothing at all
            }
            long heapEach = (heapBytes(router) - heapBefore) / (STREAMS - AT_A_TIME);
            System.out.println(STREAMS + " slow streams: " + (router.residentBytes() >> 20) + " MiB resident, "
                    + heapEach + " bytes of heap each, " + (int) metric(router, "jvm_threads_current") + " threads");

            assertThat(clients.failures()).isEmpty();
            assertThat(metric(router, "sightline_requests_running")).isEqualTo(STREAMS);
            assertThat(router.residentBytes()).isLessThan(MOST_RESIDENT_BYTES);
            assertThat(heapEach).isLessThan(MOST_HEAP_BYTES_EACH);
            assertThat(metric(router, "jvm_threads_current")).isLessThan(MOST_THREADS);
        }
    }

    private static List<GenerateRequest> requests(String prefix, int count) {
        var text = Part.newBuilder().setText("What do you see, and what is to the left of it?");
        var message = Message.newBuilder().setRole("user").addParts(text);
        return IntStream.range(0, count)
                .mapToObj(i -> GenerateRequest.newBuilder()
                        .setRequestId(prefix + "-" + i)
                        .setConversation(Conversation.newBuilder().addMessages(message))
                        .build())
                .toList();
    }

    /** After a full collection. */
    private static long heapBytes(RouterProcess router) throws IOException, InterruptedException {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        var collecting = new ProcessBuilder(jcmd, Long.toString(router.pid()), "GC.run")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        assertThat(collecting.waitFor()).isZero();
        return (long) metric(router, "jvm_memory_bytes_used{area=\"heap\",}");
    }

    private static double metric(RouterProcess router, String sample) throws IOException, InterruptedException {
        try (var http = HttpClient.newHttpClient()) {
            var page = HttpRequest.newBuilder(URI.create("http://" + router.metrics() + "/metrics")).build();
            return http.send(page, BodyHandlers.ofString())
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(sample + " "))
                    .mapToDouble(line -> Double.parseDouble(line.substring(sample.length() + 1)))
                    .findFirst()
                    .orElseThrow();
        }
    }
}
