package sightline.deploy.fault;

import java.io.IOException;
import java.net.Socket;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import sightline.deploy.fault.TcpFaultProxy.Way;

/** One connection through a proxy: a thread for each way, until both have ended or it is reset. */
final class ProxiedConnection {
    private static final int CHUNK_BYTES = 64 << 10;

    private final TcpFaultProxy proxy;
    private final Socket client;
    private final Socket server;
    private final AtomicInteger waysOpen = new AtomicInteger(2);

    ProxiedConnection(TcpFaultProxy proxy, Socket client, Socket server) throws IOException {
        this.proxy = proxy;
        this.client = client;
        this.server = server;
        client.setTcpNoDelay(true);
        server.setTcpNoDelay(true);
    }

    void start() {
        Thread.ofVirtual().name("proxy-to-server").start(() -> pass(Way.TO_SERVER, client, server));
        Thread.ofVirtual().name("proxy-to-client").start(() -> pass(Way.TO_CLIENT, server, client));
    }

    /** Both sides find it reset, at once. */
    void reset() {
        reset(client);
        reset(server);
        proxy.ended(this);
    }

    /** Sends RST in place of FIN. */
    static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
            socket.close();
        } catch (IOException _) {
            // is closed
        }
    }

    private void pass(Way way, Socket from, Socket to) {
        var chunk = new byte[CHUNK_BYTES];
        try {
            for (int n = from.getInputStream().read(chunk); n >= 0; n = from.getInputStream().read(chunk))
                pass(way, Arrays.copyOf(chunk, n), to);
            to.shutdownOutput();
            if (waysOpen.decrementAndGet() == 0)
                close();
        } catch (IOException _) {
            reset(); // one side has reset it, or is gone
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void pass(Way way, byte[] bytes, Socket to) throws IOException, InterruptedException {
        switch (proxy.take(way, bytes.length)) {
            case Fault.None _ -> write(way, bytes, to);
            case Fault.Delay(var time) -> {
                Thread.sleep(time);
                write(way, bytes, to);
            }
            case Fault.Drip(var pause) -> {
                for (byte b : bytes) {
                    Thread.sleep(pause);
                    write(way, new byte[]{b}, to);
                }
            }
            case Fault.Reset(long after) -> {
                write(way, head(bytes, after), to);
                if (after <= bytes.length)
                    reset();
            }
            case Fault.Truncate(long after) -> {
                write(way, head(bytes, after), to);
                if (after <= bytes.length)
                    close();
            }
            case Fault.HalfClose(long after) -> {
                write(way, head(bytes, after), to);
                if (after <= bytes.length)
                    to.shutdownOutput(); // what still comes this way finds no way on, and resets the rest
            }
        }
    }

    private void write(Way way, byte[] bytes, Socket to) throws IOException {
        to.getOutputStream().write(bytes);
        if (way == Way.TO_SERVER)
            proxy.heard(bytes);
    }

    private void close() throws IOException {
        client.close();
        server.close();
        proxy.ended(this);
    }

    private static byte[] head(byte[] bytes, long length) {
        return Arrays.copyOf(bytes, (int) Math.min(length, bytes.length));
    }
}
