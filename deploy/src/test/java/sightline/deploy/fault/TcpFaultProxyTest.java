package sightline.deploy.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sightline.deploy.fault.TcpFaultProxy.Way;
import sightline.wire.Endpoint;

@Timeout(20)
class TcpFaultProxyTest {
    private static final byte[] WORDS = "twelve bytes".getBytes(StandardCharsets.UTF_8);

    private final ServerSocket server = listen();
    private final TcpFaultProxy proxy = before(server);

    private Socket client = new Socket();
    private Socket accepted = new Socket();

    @BeforeEach
    void connect() throws IOException {
        client = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        accepted = server.accept();
    }

    @AfterEach
    void close() throws IOException {
        client.close();
        accepted.close();
        proxy.close();
        server.close();
    }

    @Test
    void bytesPassBothWays() throws IOException {
        assertPassing();
    }

    @Test
    void bothSidesOfAConnectionThatIsCutFindItResetAndTheNextOnePasses() throws IOException {
        send(client, WORDS);
        read(accepted, WORDS.length);
        assertThat(proxy.cut()).isEqualTo(1);
        assertThatThrownBy(() -> read(client, 1)).isInstanceOf(SocketException.class);
        assertThatThrownBy(() -> read(accepted, 1)).isInstanceOf(SocketException.class);
        connect();
        assertPassing();
    }

    @Test
    void aResetComesBehindSoManyBytes() throws IOException {
        proxy.set(Way.TO_SERVER, new Fault.Reset(WORDS.length + 5));
        send(client, WORDS);
        assertThat(read(accepted, WORDS.length)).isEqualTo(WORDS);
        send(client, WORDS);
        assertThatThrownBy(() -> read(accepted, 6)).isInstanceOf(SocketException.class);
        connect();
        assertPassing();
    }

    @Test
    void aTruncatedStreamEndsAsIfItWereOver() throws IOException {
        proxy.set(Way.TO_CLIENT, new Fault.Truncate(5));
        send(accepted, WORDS);
        assertThat(client.getInputStream().readAllBytes()).isEqualTo("twelv".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aHalfClosedConnectionStillPassesTheOtherWay() throws IOException {
        proxy.set(Way.TO_CLIENT, new Fault.HalfClose(5));
        send(accepted, WORDS);
        assertThat(client.getInputStream().readAllBytes()).hasSize(5);
        send(client, WORDS);
        assertThat(read(accepted, WORDS.length)).isEqualTo(WORDS);
    }

    @Test
    void delayedAndDrippingBytesComeLateAndWhole() throws IOException {
        var delay = Duration.ofMillis(200);
        proxy.set(Way.TO_SERVER, new Fault.Delay(delay));
        long sentNanos = System.nanoTime();
        send(client, WORDS);
        assertThat(read(accepted, WORDS.length)).isEqualTo(WORDS);
        assertThat(Duration.ofNanos(System.nanoTime() - sentNanos)).isGreaterThanOrEqualTo(delay);
        proxy.set(Way.TO_SERVER, new Fault.Drip(Duration.ofMillis(20)));
        sentNanos = System.nanoTime();
        send(client, WORDS);
        assertThat(read(accepted, WORDS.length)).isEqualTo(WORDS);
        assertThat(Duration.ofNanos(System.nanoTime() - sentNanos)).isGreaterThanOrEqualTo(delay);
        proxy.heal();
        assertPassing();
    }

    @Test
    void aServerThatIsGoneResetsWhoeverComes() throws IOException {
        server.close();
        var next = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
        assertThatThrownBy(() -> {
            if (read(next, 1).length == 0)
                throw new SocketException("closed");
        }).isInstanceOf(SocketException.class);
        next.close();
    }

    private void assertPassing() throws IOException {
        send(client, WORDS);
        assertThat(read(accepted, WORDS.length)).isEqualTo(WORDS);
        send(accepted, WORDS);
        assertThat(read(client, WORDS.length)).isEqualTo(WORDS);
        client.shutdownOutput();
        assertThat(accepted.getInputStream().read()).isNegative();
        send(accepted, WORDS);
        assertThat(read(client, WORDS.length)).isEqualTo(WORDS);
    }

    private static void send(Socket to, byte[] bytes) throws IOException {
        to.getOutputStream().write(bytes);
    }

    private static byte[] read(Socket from, int length) throws IOException {
        return from.getInputStream().readNBytes(length);
    }

    private static ServerSocket listen() {
        try {
            return new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static TcpFaultProxy before(ServerSocket server) {
        try {
            return TcpFaultProxy.before(new Endpoint("127.0.0.1", server.getLocalPort()));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
