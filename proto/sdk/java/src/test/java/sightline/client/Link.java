package sightline.client;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Carries bytes between clients and a server, until it is told to break. */
final class Link implements AutoCloseable {
    private final ServerSocket clients;
    private final int server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger refusals = new AtomicInteger();

    Link(int serverPort) throws IOException {
        server = serverPort;
        clients = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::accept);
    }

    int port() {
        return clients.getLocalPort();
    }

    /** Resets all connections; new ones are welcome. */
    void reset() {
        open.forEach(Link::reset);
    }

    /** Resets all connections, and so many further ones as soon as they are made. */
    void refuse(int connections) {
        refusals.set(connections);
        reset();
    }

    int refusalsLeft() {
        return refusals.get();
    }

    /** From now on nobody is there. */
    @Override
    public void close() throws IOException {
        clients.close();
        reset();
    }

    private void accept() {
        while (!clients.isClosed())
            try {
                var client = clients.accept();
                if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    reset(client);
                    continue;
                }
                var upstream = new Socket(InetAddress.getLoopbackAddress(), server);
                client.setTcpNoDelay(true);
                upstream.setTcpNoDelay(true);
                open.add(client);
                open.add(upstream);
                Thread.startVirtualThread(() -> carry(client, upstream));
                Thread.startVirtualThread(() -> carry(upstream, client));
            } catch (IOException _) {
                // closed
            }
        reset();
    }

    private void carry(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
        } catch (IOException _) {
            // one side is gone, so the other one goes too
        }
        reset(from);
        reset(to);
        open.remove(from);
        open.remove(to);
    }

    private static void reset(Socket socket) {
        try {
            if (!socket.isClosed())
                socket.setSoLinger(true, 0);
            socket.close();
        } catch (SocketException _) {
            // closed meanwhile
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
