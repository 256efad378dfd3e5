package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import com.google.protobuf.ByteString;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import sightline.client.Question;
import sightline.deploy.bench.NoisePictures;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.client.RunningRequest.Answered;
import sightline.deploy.client.RunningRequest.Failed;
import sightline.deploy.cluster.MetricsPage;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.GenerateRequest;
import sightline.v1.Stopping;
import sightline.wire.Sha256;

/** Many requests at once, some of them bad, on a cluster that can take twelve at a time. */
@Timeout(180)
class CrowdTest {
    private static final long LIMIT_SECONDS = 60;
    private static final Duration FREED = Duration.ofSeconds(5);
    private static final int ROUNDS = 10;
    private static final int WARM_UP_ROUNDS = 3;
    private static final int REQUESTS = 50;
    private static final long SEED = 20;
    private static final long MAX_GROWTH_BYTES = 150L << 20;
    private static final String PICTURE = "conversation.messages[0].parts[0].image";

    private static final List<ByteString> PICTURES = NoisePictures.of(30, 64, SEED);
    private static final ByteString POISON = PICTURES.getLast();

    /** A slow encoder, so that pictures that arrive while it is busy surely become one batch. */
    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(
            Map.of("language.max-running", "4", "language.max-waiting", "8", "fault-hooks.enabled", "true",
                    "fault-hooks.delay-encode-millis", "400", "fault-hooks.throw-on-image-sha256",
                    "[\"" + Sha256.of(POISON.toByteArray()).hex() + "\"]"));

    @Test
    void aPictureAtWhichTheEncoderThrowsLeavesTheSevenOthersOfItsBatchTheirAnswers() throws Exception {
        var vision = CLUSTER.metrics("vision-1");
        long pid = CLUSTER.process("vision-1").pid();
        double batches = vision.value("sightline_encode_batch_images_count");
        var holder = start(about(22, 23, 24, 25));
        vision.await("sightline_encode_batch_images_count", count -> count == batches + 2, FREED);
        var eights = batchesOfFiveToEight(vision);
        var good = IntStream.rangeClosed(11, 17).mapToObj(seed -> start(about(seed))).toList();
        var poisoned = start(aboutPicture(POISON).setRequestId("poisoned"));
        var damaged = start(aboutPicture(Demo.sample().substring(0, Demo.sample().size() / 2)));

        assertRefused(damaged, "INVALID_ARGUMENT", "BAD_IMAGE");
        assertThat(assertRefused(poisoned, "INTERNAL", "BUG"))
                .isEqualTo(PICTURE + ": internal error, request poisoned");
        for (var request : good)
            request.awaitAnswer(LIMIT_SECONDS);
        holder.awaitAnswer(LIMIT_SECONDS);
        assertThat(batchesOfFiveToEight(vision)).as("the eight were one batch").isEqualTo(eights + 1);
        assertThat(vision.value("sightline_encode_batch_images_count")).isEqualTo(batches + 3);

        start(about(18)).awaitAnswer(LIMIT_SECONDS);
        assertThat(CLUSTER.process("vision-1").pid()).isEqualTo(pid);
        vision.await("sightline_leases", leases -> leases == 0, FREED);
    }

    @Test
    void aKnownPictureIsNeitherPreparedNorEncodedAgain() throws Exception {
        start(about(21)).awaitAnswer(LIMIT_SECONDS);
        var vision = CLUSTER.metrics("vision-1");
        double prepared = vision.value("sightline_preprocess_seconds_count");
        double encoded = vision.value("sightline_encode_seconds_count");
        double lookups = vision.value("sightline_store_lookups_total{result=\"hit\",}");
        var other = start(about("How many shapes are there?", 21));
        assertThat(other.awaitAnswer(LIMIT_SECONDS).finished().getTimeline().getEncodeUs()).isZero();
        assertThat(vision.value("sightline_preprocess_seconds_count")).isEqualTo(prepared);
        assertThat(vision.value("sightline_encode_seconds_count")).isEqualTo(encoded);
        assertThat(vision.value("sightline_store_lookups_total{result=\"hit\",}")).isEqualTo(lookups + 1);
    }

    @Test
    void fourTimesWhatFitsEndsInAnswersAndClearRefusalsAndLeavesNothingBehind() throws Exception {
        var random = new Random(SEED);
        System.out.println("seed " + SEED);
        var warm = new HashMap<String, Long>();
        for (int round = 1; round <= ROUNDS; round++) {
            var counted = round(random);
            awaitNothingHeld();
            var memory = residentBytes();
            System.out.printf("round %d: %s, resident MiB %s%n", round, counted, inMebibytes(memory));
            if (round == WARM_UP_ROUNDS)
                warm.putAll(memory);
        }
        residentBytes()
                .forEach((name, bytes) -> assertThat(bytes - warm.getOrDefault(name, 0L)).as("growth of %s", name)
                        .isLessThan(MAX_GROWTH_BYTES));
    }

    @Test
    void benchCountsWhatIsRefusedAndDoesNotSendItAgain() {
        var ended = Commands.run("bench", "--target", CLUSTER.router().toString(), "--rate", "1000", "--requests", "40",
                "--max-new-tokens", "100", "--ignore-eos", "--json");
        assertThat(ended.exitCode()).as(ended.err()).isZero();
        var report = JsonParser.parseString(ended.out()).getAsJsonArray().get(0).getAsJsonObject();
        int refused = report.getAsJsonObject("refused").get("OVERLOADED").getAsInt();
        assertThat(refused).isPositive();
        assertThat(report.get("answered").getAsInt() + refused).isEqualTo(40);
        assertThat(report.getAsJsonObject("failures").size()).isZero();
    }

    /** Requests by how they ended. */
    private static Map<String, Integer> round(Random random) throws Exception {
        var running = new ArrayList<Wish>();
        for (int i = 0; i < REQUESTS; i++)
            running.add(Wish.start(random));
        var counted = new HashMap<String, Integer>();
        for (var wish : running)
            counted.merge(wish.end(), 1, Integer::sum);
        return counted;
    }

    /** A request and what may become of it. */
    private record Wish(RunningRequest request, boolean cancelled, int tokens) {
        static Wish start(Random random) throws IOException {
            int tokens = 1 + random.nextInt(40);
            var pictures = IntStream.range(0, random.nextInt(3)).map(_ -> random.nextInt(8)).toArray();
            var text = "Which shape is where? ".repeat(1 + random.nextInt(60));
            var request = CrowdTest.start(about(text, pictures).setPriority(random.nextInt(4))
                    .setStopping(Stopping.newBuilder().setIgnoreEos(true).setMaxNewTokens(tokens)));
            int fate = random.nextInt(10);
            if (fate == 0)
                request.cancel();
            if (fate == 1)
                request.cancelAtFirstDelta();
            return new Wish(request, fate <= 1, tokens);
        }

        private String end() throws Exception {
            return switch (request.await(LIMIT_SECONDS)) {
                case Answered answered -> {
                    assertThat(answered.answer().choices().getFirst().tokenIds()).hasSize(tokens);
                    yield "answered";
                }
                case Failed failed when cancelled && failed.received().status().equals("CANCELLED") -> "cancelled";
                case Failed failed -> {
                    assertThat(failed.received().reason()).as(failed.toString()).hasValue("OVERLOADED");
                    assertThat(failed.received().status()).isEqualTo("UNAVAILABLE");
                    assertThat(failed.received().retryAfter()).isPresent();
                    yield "refused";
                }
            };
        }
    }

    private static void awaitNothingHeld() throws Exception {
        var language = CLUSTER.metrics("language-1");
        for (var gauge : List.of("sightline_sequences_running", "sightline_sequences_waiting",
                "sightline_kv_blocks_used"))
            language.await(gauge, value -> value == 0, FREED);
        CLUSTER.metrics("vision-1").await("sightline_leases", leases -> leases == 0, FREED);
        for (var gauge : List.of("sightline_requests_running", "sightline_request_bytes"))
            CLUSTER.metrics("router-1").await(gauge, value -> value == 0, FREED);
    }

    private static String assertRefused(RunningRequest request, String status, String reason) throws Exception {
        var received = request.awaitFailure(LIMIT_SECONDS).received();
        assertThat(received.status()).isEqualTo(status);
        assertThat(received.reason()).hasValue(reason);
        assertThat(received.fields()).containsExactly(PICTURE);
        return received.message();
    }

    private static double batchesOfFiveToEight(MetricsPage vision) throws Exception {
        return vision.value("sightline_encode_batch_images_bucket{le=\"8.0\",}")
                - vision.value("sightline_encode_batch_images_bucket{le=\"4.0\",}");
    }

    private static RunningRequest start(GenerateRequest.Builder request) {
        return RunningRequest.start(CLUSTER.inference(), request.build());
    }

    private static GenerateRequest.Builder about(int... pictures) {
        return about("Describe the image.", pictures);
    }

    private static GenerateRequest.Builder about(String text, int... pictures) {
        return new Question(text, IntStream.of(pictures).mapToObj(PICTURES::get).toList()).request();
    }

    private static GenerateRequest.Builder aboutPicture(ByteString picture) {
        return new Question("Describe the image.", List.of(picture)).request();
    }

    private static String inMebibytes(Map<String, Long> bytes) {
        return bytes.entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> entry.getKey() + " " + (entry.getValue() >> 20))
                .collect(Collectors.joining(", "));
    }

    private static Map<String, Long> residentBytes() throws IOException {
        Map<String, Long> bytes = new HashMap<>();
        for (String name : CLUSTER.names())
            bytes.put(name, CLUSTER.residentBytes(name));
        return bytes;
    }
}
