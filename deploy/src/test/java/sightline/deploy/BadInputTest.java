package sightline.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.google.protobuf.ByteString;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.client.Question;
import sightline.deploy.client.HalfSentRequest;
import sightline.deploy.client.RunningRequest;
import sightline.deploy.cluster.ServedCluster;
import sightline.v1.Conversation;
import sightline.v1.GenerateRequest;
import sightline.v1.Message;
import sightline.v1.Part;
import sightline.v1.Sampling;
import sightline.v1.Stopping;
import sightline.wire.Received;

/** Bad requests get the contract's status, reason and field through the whole cluster, and the next good one is served. */
@Timeout(120)
class BadInputTest {
    private static final long LIMIT_SECONDS = 60;
    private static final Duration ANSWER_LIMIT = Duration.ofSeconds(2);
    private static final String FIRST_PICTURE = "conversation.messages[0].parts[0].image";

    @RegisterExtension
    static final ServedCluster CLUSTER = new ServedCluster(Map.of());

    @AfterEach
    void theNextGoodRequestIsServed() throws Exception {
        assertThat(start(about(Demo.sample())).awaitAnswer(LIMIT_SECONDS).text()).startsWith("There is");
    }

    /** What it is, request. */
    static Stream<Arguments> badPictures() throws IOException {
        var sample = Demo.sample().toByteArray();
        var random = new byte[5000];
        new Random(7).nextBytes(random);
        var corrupt = sample.clone();
        Arrays.fill(corrupt, 60, corrupt.length - 20, (byte) 0x55);
        var html = "<html><body>not found</body></html>".getBytes(StandardCharsets.UTF_8);
        return Stream.of(arguments("no bytes", about(new byte[0])), arguments("HTML", about(html)),
                arguments("random bytes", about(random)),
                arguments("half a PNG", about(Arrays.copyOf(sample, sample.length / 2))),
                arguments("a PNG with a broken body", about(corrupt)),
                arguments("a PNG whose header claims more", about(claiming(sample, 4000, 4000))),
                arguments("a PNG of 65,535 x 65,535", about(claiming(sample, 65_535, 65_535))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badPictures")
    void aBadPictureIsRefusedByItsPath(String what, GenerateRequest.Builder request) throws Exception {
        var received = badImage(what, request);
        assertThat(received.fields()).containsExactly(FIRST_PICTURE);
        assertThat(received.message()).startsWith(FIRST_PICTURE + ": ");
    }

    @Test
    void theBadOneOfSeveralPicturesIsNamed() throws Exception {
        var half = Demo.sample().substring(0, Demo.sample().size() / 2);
        var received = badImage("the third of four", raw("<image><image><image><image>?", Demo.sample(),
                Demo.picture("sample-2.png"), half, Demo.sample()));
        assertThat(received.fields()).containsExactly("prompt.images[2]");
    }

    /** What it is, request. */
    static Stream<Arguments> badMarks() throws IOException {
        return Stream.of(arguments("more marks than pictures", raw("<image><image>?", Demo.sample())),
                arguments("fewer marks than pictures", raw("?", Demo.sample())),
                arguments("a mark and no picture", raw("<image>?")));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badMarks")
    void marksThatDoNotFitThePicturesAreRefused(String what, GenerateRequest.Builder request) throws Exception {
        assertThat(badImage(what, request).fields()).isEmpty();
    }

    private static Received badImage(String what, GenerateRequest.Builder request) throws Exception {
        var received = refused(what, request);
        assertThat(received.reason()).hasValue("BAD_IMAGE");
        assertThat(received.status()).isEqualTo("INVALID_ARGUMENT");
        return received;
    }

    /** Field, request. */
    static Stream<Arguments> badFields() {
        var hi = message("user", "hi");
        return Stream.of(arguments("conversation.messages", conversation()),
                arguments("conversation.messages[1].role", conversation(hi, message("assistant", "ho"))),
                arguments("conversation.messages[0].role", conversation(message("nobody", "hi"))),
                arguments("conversation.messages", conversation(message("system", "Be brief."), hi)),
                arguments("conversation.messages", conversation(hi, hi)),
                arguments("conversation.messages[0].parts[0].text", text("x".repeat(10_000_000))),
                arguments(FIRST_PICTURE + ".encoded", about(new byte[(10 << 20) + 1])),
                arguments("stopping.stop", stopping(stop -> stop.addAllStop(Collections.nCopies(100_000, "x")))),
                arguments("stopping.max_new_tokens", stopping(stop -> stop.setMaxNewTokens(0))),
                arguments("stopping.max_new_tokens", stopping(stop -> stop.setMaxNewTokens(-1))),
                arguments("sampling.top_p", sampling(sampling -> sampling.setTopP(0))),
                arguments("sampling.top_p", sampling(sampling -> sampling.setTopP(2))),
                arguments("sampling.temperature", sampling(sampling -> sampling.setTemperature(Double.NaN))),
                arguments("sampling.temperature", sampling(sampling -> sampling.setTemperature(-1))),
                arguments("sampling.top_k", sampling(sampling -> sampling.setTopK(-5))));
    }

    @ParameterizedTest(name = "{0} #{index}")
    @MethodSource("badFields")
    void aBadFieldIsRefusedByItsPath(String field, GenerateRequest.Builder request) throws Exception {
        var received = refused(field, request);
        assertThat(received.reason()).hasValue("BAD_FIELD");
        assertThat(received.status()).isEqualTo("INVALID_ARGUMENT");
        assertThat(received.fields()).containsExactly(field);
    }

    /** Request. */
    static Stream<Arguments> tooLong() {
        return Stream.of(arguments(text("x".repeat((1 << 20) - 100))), arguments(text("one two ".repeat(5_000))),
                arguments(stopping(stop -> stop.setMaxNewTokens(1 << 20))),
                arguments(stopping(stop -> stop.setMaxNewTokens(Integer.MAX_VALUE))));
    }

    @ParameterizedTest(name = "#{index}")
    @MethodSource("tooLong")
    void whatDoesNotFitTheContextIsRefused(GenerateRequest.Builder request) throws Exception {
        var received = refused("too long", request);
        assertThat(received.reason()).hasValue("PROMPT_TOO_LONG");
        assertThat(received.status()).isEqualTo("INVALID_ARGUMENT");
    }

    @Test
    void aModelThatNobodyServesIsNotFound() throws Exception {
        var received = refused("unknown model", text("hi").setModel("other"));
        assertThat(received.reason()).hasValue("UNKNOWN_MODEL");
        assertThat(received.status()).isEqualTo("NOT_FOUND");
    }

    @Test
    void aRunningRequestIdIsRefusedAndTheFirstRequestGoesOn() throws Exception {
        var first = start(stopping(stop -> stop.setIgnoreEos(true).setMaxNewTokens(200)).setRequestId("twice"));
        first.awaitFirstDelta(LIMIT_SECONDS);
        var received = refused("running request id", text("hi").setRequestId("twice"));
        assertThat(received.reason()).hasValue("DUPLICATE_REQUEST");
        assertThat(received.status()).isEqualTo("ALREADY_EXISTS");
        assertThat(first.awaitAnswer(LIMIT_SECONDS).choices().getFirst().tokenIds()).hasSize(200);
    }

    @Test
    void whatAClientWritesStaysOneValueInTheLog() throws Exception {
        var bad = stopping(stop -> stop.setMaxNewTokens(1 << 20)).setRequestId("x\nevent=forged \u001b[31m\"");
        refused("too long", bad);
        assertThat(CLUSTER.log("router-1")).contains("request=\"x\\u000aevent=forged \\u001b[31m\\\"\" reason=")
                .doesNotContain("\nevent=forged", "\u001b");
    }

    @Test
    void anOversizeMessageIsLoggedInALine() throws Exception {
        var failed = start(about(new byte[45 << 20])).awaitFailure(LIMIT_SECONDS);
        assertThat(failed.received().status()).isEqualTo("RESOURCE_EXHAUSTED");
        assertThat(CLUSTER.log("router-1")).contains("exceeds maximum size 46137344").doesNotContain("\tat ");
    }

    @Test
    void theTemplatesOwnReasonIsTold() throws Exception {
        var received = refused("system message", conversation(message("system", "Be brief."), message("user", "hi")));
        assertThat(received.message()).contains("System role not supported");
    }

    @Test
    void uploadsThatStopHalfwayLeaveOthersTheirRoom() throws Exception {
        var stuck = new ArrayList<HalfSentRequest>();
        try (var senders = Executors.newVirtualThreadPerTaskExecutor()) {
            var sending = IntStream.range(0, 30)
                    .mapToObj(_ -> senders.submit(() -> HalfSentRequest.send(CLUSTER.router(), 43_000_000, 42_000_000)))
                    .toList();
            for (var sent : sending)
                stuck.add(sent.get(LIMIT_SECONDS, TimeUnit.SECONDS));
            var router = CLUSTER.metrics("router-1");
            System.out.printf("%d of 30 uploads refused, %.0f MB held in %.0f MB of buffers%n",
                    stuck.stream().filter(HalfSentRequest::isRefused).count(),
                    router.value("sightline_request_bytes") / 1e6,
                    router.value("jvm_buffer_pool_used_bytes{pool=\"direct\",}") / 1e6);
            assertThat(stuck).anyMatch(HalfSentRequest::isRefused).anyMatch(upload -> !upload.isRefused());
            for (int i = 0; i < 10; i++)
                theNextGoodRequestIsServed();
            awaitRoomFor(about(ByteString.copyFrom(new byte[10 << 20])));
            router.await("sightline_request_bytes", held -> held < 512 << 20, ANSWER_LIMIT);
        } finally {
            for (var upload : stuck)
                upload.close();
        }
        CLUSTER.metrics("router-1").await("sightline_request_bytes", held -> held == 0, ANSWER_LIMIT);
    }

    /** Sends what is large and bad, again after the time it is told to wait, until it is told that it is bad. */
    private static void awaitRoomFor(GenerateRequest.Builder bad) throws Exception {
        var received = start(bad).awaitFailure(LIMIT_SECONDS).received();
        while (received.reason().filter("OVERLOADED"::equals).isPresent()) {
            Thread.sleep(received.retryAfter().orElseThrow());
            received = start(bad).awaitFailure(LIMIT_SECONDS).received();
        }
        assertThat(received.reason()).hasValue("BAD_IMAGE");
    }

    /** The refusal, which must come at once, say what was expected and nothing of the inside. */
    private static Received refused(String what, GenerateRequest.Builder request) throws Exception {
        long sentNanos = System.nanoTime();
        var failed = start(request).awaitFailure(LIMIT_SECONDS);
        var took = Duration.ofNanos(failed.endNanos() - sentNanos);
        var received = failed.received();
        System.out.printf("%s: %s %s in %d ms: %s%n", what, received.status(), received.reason().orElse("-"), took
                .toMillis(), received.message());
        assertThat(received.message()).contains("(expected: ")
                .doesNotContain("sightline.", "java", "Exception", "@")
                .doesNotContainPattern("(^|\\s)/\\w"); // a path
        assertThat(took).isLessThan(ANSWER_LIMIT);
        return received;
    }

    private static RunningRequest start(GenerateRequest.Builder request) {
        return RunningRequest.start(CLUSTER.inference(), request.build());
    }

    /** The PNG with another size in its header, whose checksum is right. */
    private static byte[] claiming(byte[] png, int width, int height) {
        var lie = ByteBuffer.wrap(png.clone()).putInt(16, width).putInt(20, height);
        var checksum = new CRC32();
        checksum.update(lie.array(), 12, 17);
        return lie.putInt(29, (int) checksum.getValue()).array();
    }

    private static GenerateRequest.Builder about(byte[] picture) {
        return about(ByteString.copyFrom(picture));
    }

    private static GenerateRequest.Builder about(ByteString picture) {
        return new Question("Describe the image.", List.of(picture)).request();
    }

    private static GenerateRequest.Builder raw(String text, ByteString... pictures) {
        return new Question(text, List.of(pictures)).rawRequest();
    }

    private static GenerateRequest.Builder text(String text) {
        return conversation(message("user", text));
    }

    private static GenerateRequest.Builder conversation(Message... messages) {
        return GenerateRequest.newBuilder()
                .setConversation(Conversation.newBuilder().addAllMessages(List.of(messages)));
    }

    private static Message message(String role, String text) {
        return Message.newBuilder().setRole(role).addParts(Part.newBuilder().setText(text)).build();
    }

    private static GenerateRequest.Builder stopping(Consumer<Stopping.Builder> change) {
        var request = text("hi");
        change.accept(request.getStoppingBuilder());
        return request;
    }

    private static GenerateRequest.Builder sampling(Consumer<Sampling.Builder> change) {
        var request = text("hi");
        change.accept(request.getSamplingBuilder());
        return request;
    }
}
