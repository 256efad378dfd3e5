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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.router.fleet.DemoModel;
import sightline.router.request.Requests;
import sightline.stage.v1.Role;
import sightline.v1.InferenceGrpc;
import sightline.wire.Received;
import sightline.wire.StatusMapping;

/** Bytes that are no request are refused as such, and the next good request is served as before. */
@Timeout(60)
class BadMessageTest {
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
}
