package sightline.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Digests, keys and endpoints: the small values that cross a process boundary. */
final class WireValuesTest {
    private static final byte[] ABC = "abc".getBytes(StandardCharsets.UTF_8);

    @Test
    void sha256IsTheStandardsOneHoweverItsInputComes() {
        var expected = new Sha256("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"); // FIPS 180-2

        assertThat(Sha256.of(ABC)).isEqualTo(expected);
        assertThat(Sha256.of(ByteBuffer.allocateDirect(3).put(ABC).flip())).isEqualTo(expected);
        assertThat(Sha256.of(ByteString.copyFrom(ABC))).isEqualTo(expected);
        assertThat(Sha256.fromBytes(expected.byteString())).isEqualTo(expected);
    }

    @Test
    void shortenedDigestIsRefused() {
        assertThatThrownBy(() -> Sha256.fromBytes(new byte[16])).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Sha256("BA".repeat(32))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void imageKeyChangesWithEachOfItsParts() {
        var a = Sha256.of(ABC);
        var b = Sha256.of(new byte[0]);

        assertThat(List.of(ImageKey.of(a, a, a), ImageKey.of(b, a, a), ImageKey.of(a, b, a), ImageKey.of(a, a, b)))
                .doesNotHaveDuplicates();
        assertThat(ImageKey.fromBytes(ImageKey.of(a, b, a).byteString())).isEqualTo(ImageKey.of(a, b, a));
    }

    @Test
    void endpointIsReadAsItIsWritten() {
        for (String text : List.of("127.0.0.1:7070", "vision-0.vision:80", "[::1]:65535"))
            assertThat(Endpoint.parse(text)).hasToString(text);
        assertThat(Endpoint.parse("[::1]:1").host()).isEqualTo("::1");
    }

    @Test
    void whatIsNoEndpointIsRefused() {
        for (String text : List.of("", "host", ":80", "host:", "host:x", "host:65536", "host:-1", "::1:80"))
            assertThatThrownBy(() -> Endpoint.parse(text)).isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected");
    }
}
