package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.deploy.client.Question;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.client.RunningRequest.Answered;
import sightline.deploy.client.RunningRequest.Failed;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.GenerateRequest;
import sightline.v1.Stopping;

@Timeout(180)
class ServedClusterTest {
    private static final long LIMIT_SECONDS = 60;
    private static final Duration ANSWER_TO_BAD_INPUT = Duration.ofSeconds(2);
    private static final List<String> REFUSALS = List.of("OVERLOADED");

    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(Map.of());

    @Test
    void cancelledClientFreesItsSequence() throws Exception {
        double cancelledBefore = CLUSTER.metrics("language-1").value("sightline_cancelled_total");
        var request = RunningRequest.start(CLUSTER.inference(), question("Describe the image.", Demo.sample())
                .setStopping(Stopping.newBuilder().setIgnoreEos(true).setMaxNewTokens(900))
                .build());
        request.awaitFirstDelta(LIMIT_SECONDS);
        request.cancel();
        var language = CLUSTER.metrics("language-1");
        language.await("sightline_cancelled_total", total -> total == cancelledBefore + 1, Duration.ofSeconds(2));
        language.await("sightline_sequences_running", running -> running == 0, Duration.ofSeconds(2));
        language.await("sightline_kv_blocks_used", used -> used == 0, Duration.ofSeconds(2));
        CLUSTER.metrics("router-1").await("sightline_requests_running", running -> running == 0, Duration.ofSeconds(2));
    }

    @Test
    void manyRequestsAllEndAndMemoryStaysLevel() throws Exception {
        inARow(100); // until heaps and pools have their size
        var before = residentBytes();
        inARow(200);
        allAtOnce(50);
        CLUSTER.metrics("router-1").await("sightline_requests_running", running -> running == 0, Duration.ofSeconds(2));
        CLUSTER.metrics("language-1").await("sightline_kv_blocks_used", used -> used == 0, Duration.ofSeconds(2));
        residentBytes().forEach((name, bytes) -> assertThat(bytes).as("resident bytes of %s", name)
                .isLessThan(before.getOrDefault(name, 0L) + (150L << 20)));
    }

    static Stream<Arguments> badPictures() throws IOException {
        var sample = Demo.sample().toByteArray();
        var random = new byte[5000];
        new Random(7).nextBytes(random);
        var corrupt = sample.clone();
        Arrays.fill(corrupt, 60, corrupt.length - 20, (byte) 0x55);
        var bomb = sample.clone();
        Arrays.fill(bomb, 16, 24, (byte) 0);
        bomb[18] = bomb[19] = bomb[22] = bomb[23] = (byte) 0xFF; // 65,535 x 65,535
        return Stream.of(arguments("no bytes", new byte[0]),
                arguments("a truncated PNG", Arrays.copyOf(sample, sample.length / 2)),
                arguments("random bytes", random), arguments("a PNG with a broken body", corrupt),
                arguments("HTML",
                        "<html><body>not found</body></html>".getBytes(StandardCharsets.UTF_8)),
                arguments("a PNG of 65,535 x 65,535", bomb));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badPictures")
    void aBadPictureIsRefusedClearlyAndTheNextRequestIsServed(String what, byte[] picture) throws Exception {
        long sentNanos = System.nanoTime();
        var failed = RunningRequest.start(CLUSTER.inference(), question("What is this?", ByteString.copyFrom(picture))
                .build()).awaitFailure(LIMIT_SECONDS);
        var took = Duration.ofNanos(failed.endNanos() - sentNanos);
        System.out.printf("%s: %s %s in %d ms: %s%n", what, failed.received().status(), failed.received()
                .reason()
                .orElse("-"), took.toMillis(), failed.received().message());
        assertThat(failed.received().status()).isEqualTo("INVALID_ARGUMENT");
        assertThat(failed.received().reason().orElseThrow()).isIn("BAD_IMAGE", "BAD_FIELD");
        assertThat(failed.received().message()).doesNotContain("sightline.", "java.", "Exception", "/");
        assertThat(took).isLessThan(ANSWER_TO_BAD_INPUT);
        inARow(1);
    }

    private static void inARow(int count) throws Exception {
        for (int i = 0; i < count; i++)
            assertThat(
                    RunningRequest
                            .start(CLUSTER.inference(), question("How many shapes are there?", Demo.sample()).build())
                            .awaitAnswer(LIMIT_SECONDS)
                            .text())
                    .isEqualTo("There are three shapes.");
    }

    private static void allAtOnce(int count) throws Exception {
        var running = new ArrayList<RunningRequest>();
        for (int i = 0; i < count; i++)
            running.add(
                    RunningRequest.start(CLUSTER.inference(), question("Describe the image.", Demo.sample()).build()));
        for (var request : running)
            switch (request.await(LIMIT_SECONDS)) {
                case Answered answered -> assertThat(answered.answer().text()).startsWith("There is a purple square");
                case Failed failed -> assertThat(failed.received().reason().orElseThrow()).isIn(REFUSALS);
            }
    }

    private static Map<String, Long> residentBytes() throws IOException {
        Map<String, Long> bytes = new HashMap<>();
        for (String name : CLUSTER.names())
            bytes.put(name, CLUSTER.residentBytes(name));
        return bytes;
    }

    private static GenerateRequest.Builder question(String text, ByteString picture) {
        return new Question(text, List.of(picture)).request();
    }
}
