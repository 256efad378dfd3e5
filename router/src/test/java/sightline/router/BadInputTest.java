package sightline.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.router.fleet.DemoModel;
import sightline.router.request.Requests;
import sightline.stage.v1.Role;
import sightline.v1.GenerateRequest;
import sightline.v1.InferenceGrpc;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/** Bad requests get the contract's status, reason and field, and the next good one is served as before. */
@Timeout(60)
class BadInputTest {
    private static final FakeLanguage LANGUAGE = new FakeLanguage(
            new FakeLanguage.Manner.Say(DemoModel.config().generation().endIds().subList(0, 1)));
    private static final FakeNode LANGUAGE_NODE = new FakeNode("language-1", Role.ROLE_LANGUAGE, LANGUAGE);
    private static final FakeNode VISION_NODE = new FakeNode("vision-1", Role.ROLE_VISION,
            new FakeVision("vision-1", new FakeVision.Manner.Encode()));
    private static final TestRouter ROUTER = new TestRouter(Map.of());

    @BeforeAll
    static void serve() throws InterruptedException {
        ROUTER.knows(LANGUAGE_NODE, VISION_NODE);
        ROUTER.awaitServing(true);
    }

    @AfterAll
    static void stop() {
        ROUTER.close();
        LANGUAGE_NODE.close();
        VISION_NODE.close();
    }

    @AfterEach
    void theNextGoodRequestIsServed() throws Exception {
        assertThat(Call.start(ROUTER.stub(), Requests.question("Still there?")).answer()).isNotEmpty();
    }

    /** Reason, field (empty for none), request. */
    static Stream<Arguments> bad() {
        var user = Requests.message("user", Requests.text("hi"));
        return Stream.of(Arguments.of("BAD_FIELD", "conversation.messages", Requests.conversation()),
                Arguments.of("BAD_FIELD", "conversation.messages[1].role",
                        Requests.conversation(user, Requests.message("assistant", Requests.text("ho")))),
                Arguments.of("BAD_FIELD", "conversation.messages",
                        Requests.conversation(Requests.message("system", Requests.text("Be brief.")), user)),
                Arguments.of("BAD_FIELD", "conversation.messages", Requests.conversation(user, user)),
                Arguments.of("UNKNOWN_MODEL", "", Requests.question("hi").setModel("other")),
                Arguments.of("BAD_FIELD", "conversation.messages[0].parts[0].text",
                        Requests.question("x".repeat(10_000_000))),
                Arguments.of("BAD_FIELD", "stopping.stop", stops(Requests.question("hi"), 100_000)),
                Arguments.of("BAD_IMAGE", "", picture(ByteString.EMPTY)),
                Arguments.of("BAD_IMAGE", "", picture(ByteString.copyFromUtf8("<html></html>"))),
                Arguments.of("BAD_IMAGE", "", picture(Requests.claimedPng(65_535, 65_535))),
                Arguments.of("BAD_FIELD", "conversation.messages[0].parts[0].image.encoded",
                        picture(ByteString.copyFrom(new byte[(10 << 20) + 1]))),
                Arguments.of("BAD_IMAGE", "", Requests.prompt("<image><image>", Requests.picture())),
                Arguments.of("BAD_IMAGE", "", Requests.prompt("no mark", Requests.picture())),
                Arguments.of("PROMPT_TOO_LONG", "", Requests.question("x".repeat(FakeNode.CONTEXT))),
                Arguments.of("PROMPT_TOO_LONG", "", Requests.question("x".repeat(1 << 20).substring(100))),
                Arguments.of("PROMPT_TOO_LONG", "", maxNewTokens(FakeNode.CONTEXT)),
                Arguments.of("PROMPT_TOO_LONG", "", maxNewTokens(Integer.MAX_VALUE)),
                Arguments.of("BAD_FIELD", "stopping.max_new_tokens", maxNewTokens(0)),
                Arguments.of("BAD_FIELD", "stopping.max_new_tokens", maxNewTokens(-1)),
                Arguments.of("BAD_FIELD", "sampling.top_p", topP(0)),
                Arguments.of("BAD_FIELD", "sampling.top_p", topP(2)),
                Arguments.of("BAD_FIELD", "sampling.temperature", temperature(Double.NaN)),
                Arguments.of("BAD_FIELD", "sampling.temperature", temperature(-1)));
    }

    @ParameterizedTest(name = "{0} {1} #{index}")
    @MethodSource("bad")
    void isRefusedWithReasonAndField(String reason, String field, GenerateRequest.Builder request) throws Exception {
        long start = System.nanoTime();
        var received = Call.start(ROUTER.stub(), request).failure();
        var took = Duration.ofNanos(System.nanoTime() - start);
        System.out.printf("%s %s refused in %d ms%n", reason, field, took.toMillis());
        assertThat(received.reason()).hasValue(reason);
        assertThat(received.status()).isEqualTo(reason.equals("UNKNOWN_MODEL") ? "NOT_FOUND" : "INVALID_ARGUMENT");
        assertThat(received.fields()).isEqualTo(field.isEmpty() ? List.of() : List.of(field));
        assertThat(received.message()).contains("(expected: ").doesNotContain("Exception", "java", "@");
        assertThat(took).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    void theTemplatesOwnReasonIsTold() throws Exception {
        var request = Requests.conversation(Requests.message("system", Requests.text("Be brief.")),
                Requests.message("user", Requests.text("hi")));
        assertThat(Call.start(ROUTER.stub(), request).failure().message()).contains("System role not supported");
    }

    @Test
    void bytesThatAreNoRequestAreABadMessage() {
        for (var bytes : List.of(new byte[]{1, 2, 3}, new byte[]{0x0A, 0x05, 'x'}, new byte[]{0x0A, 0x01, (byte) 0xFF},
                nestedGroups(100_000))) {
            var received = send(bytes);
            assertThat(received.status()).isEqualTo("INVALID_ARGUMENT");
            assertThat(received.reason()).hasValue("BAD_MESSAGE");
        }
    }

    @Test
    void manyFieldsInFewBytesAreNotBuilt() {
        var parts = new byte[40 << 20]; // 20 million empty parts, which would take a gigabyte
        for (int i = 0; i < parts.length; i += 2)
            parts[i] = 0x12;
        var message = message(1, parts);
        var received = send(message(3, message));
        assertThat(received.status()).isEqualTo("INVALID_ARGUMENT");
        assertThat(received.reason()).hasValue("BAD_MESSAGE");
    }

    private static byte[] message(int field, byte[] content) {
        return UnknownFieldSet.newBuilder()
                .addField(field,
                        UnknownFieldSet.Field.newBuilder()
                                .addLengthDelimited(UnsafeByteOperations.unsafeWrap(content))
                                .build())
                .build()
                .toByteArray();
    }

    @Test
    void fieldsThatNobodyKnowsAreIgnored() {
        // Field 1000, a string: what a newer client may send.
        var request = Requests.question("hi")
                .build()
                .toByteString()
                .concat(ByteString.copyFrom(new byte[]{(byte) 0xC2, 0x3E, 1, 'x'}));
        assertThat(exchange(request.toByteArray())).isNotEmpty();
    }

    private static Received send(byte[] bytes) {
        var error = Assertions.catchThrowable(() -> exchange(bytes));
        return StatusMapping.read(error).orElseThrow();
    }

    /** Sends raw bytes in place of a request. */
    private static List<byte[]> exchange(byte[] bytes) {
        var method = InferenceGrpc.getGenerateMethod().toBuilder(new Raw(), new Raw()).build();
        var all = new ArrayList<byte[]>();
        ClientCalls.blockingServerStreamingCall(ROUTER.channel(), method, CallOptions.DEFAULT, bytes)
                .forEachRemaining(all::add);
        return all;
    }

    private record Raw() implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static byte[] nestedGroups(int depth) {
        var bytes = new byte[depth];
        Arrays.fill(bytes, (byte) 0x1B); // field 3 begins a group, inside the one before
        return bytes;
    }

    private static GenerateRequest.Builder picture(ByteString encoded) {
        return Requests.conversation(Requests.message("user", Requests.picture(encoded), Requests.text("?")));
    }

    private static GenerateRequest.Builder stops(GenerateRequest.Builder request, int count) {
        request.getStoppingBuilder().addAllStop(Collections.nCopies(count, "x"));
        return request;
    }

    private static GenerateRequest.Builder maxNewTokens(int count) {
        var request = Requests.question("hi");
        request.getStoppingBuilder().setMaxNewTokens(count);
        return request;
    }

    private static GenerateRequest.Builder topP(double value) {
        var request = Requests.question("hi");
        request.getSamplingBuilder().setTopP(value);
        return request;
    }

    private static GenerateRequest.Builder temperature(double value) {
        var request = Requests.question("hi");
        request.getSamplingBuilder().setTemperature(value);
        return request;
    }
}
