package sightline.deploy.fault;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import sightline.wire.Endpoint;

/**
 * Stands before a server's port and passes bytes on, both ways and in order, but for the fault that was asked for.
 *
 * <p>Faults that end a connection do so once; the next connection passes again. Safe on several threads.
 */
public final class TcpFaultProxy implements AutoCloseable {

    /** Which way bytes go. */
    public enum Way {
        TO_SERVER, TO_CLIENT
    }

    private final Endpoint server;
    private final ServerSocket listener;
    private final Consumer<byte[]> heard;
    private volatile boolean refusing;
    private final Set<ProxiedConnection> connections = ConcurrentHashMap.newKeySet();
    private final Map<Way, Fault> faults = new EnumMap<>(
            Map.of(Way.TO_SERVER, new Fault.None(), Way.TO_CLIENT, new Fault.None()));

    private TcpFaultProxy(Endpoint server, ServerSocket listener, Consumer<byte[]> heard) {
        this.server = server;
        this.listener = listener;
        this.heard = heard;
    }

    /** Listens on any free port of loopback; connects to {@code server} for each connection that comes. */
    public static TcpFaultProxy before(Endpoint server) throws IOException {
        return before(server, _ -> {});
    }

    /**
     * As {@link #before(Endpoint)}.
     *
     * @param heard told of what has passed to the server, on the thread of its connection
     */
    public static TcpFaultProxy before(Endpoint server, Consumer<byte[]> heard) throws IOException {
        var listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        var proxy = new TcpFaultProxy(server, listener, heard);
        Thread.ofVirtual().name("proxy-before-" + server).start(proxy::accept);
        return proxy;
    }

    public int port() {
        return listener.getLocalPort();
    }

    /** From now on, until another fault is asked for. */
    public synchronized void set(Way way, Fault fault) {
        faults.put(way, fault);
    }

    public void heal() {
        List.of(Way.values()).forEach(way -> set(way, new Fault.None()));
    }

    /** From now on every connection that comes is reset; those that are there stay. */
    public void refuse() {
        refusing = true;
    }

    /** Resets every connection that there is, and says how many there were. */
    public int cut() {
        var now = List.copyOf(connections);
        now.forEach(ProxiedConnection::reset);
        return now.size();
    }

    public int connections() {
        return connections.size();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }

    /** What is to be done to {@code length} bytes that came, in one step with taking them off its count. */
    synchronized Fault take(Way way, int length) {
        var fault = requireNonNull(faults.get(way));
        faults.put(way, switch (fault) {
            case Fault.None _,Fault.Delay _,Fault.Drip _ -> fault;
            case Fault.Reset(long after) -> after <= length ? new Fault.None() : new Fault.Reset(after - length);
            case Fault.Truncate(long after) -> after <= length ? new Fault.None() : new Fault.Truncate(after - length);
            case Fault.HalfClose(long after) ->
                    after <= length ? new Fault.None() : new Fault.HalfClose(after - length);
        });
        return fault;
    }

    void heard(byte[] bytes) {
        heard.accept(bytes);
    }

    void ended(ProxiedConnection connection) {
        connections.remove(connection);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                connect(listener.accept());
            } catch (IOException e) {
                if (!listener.isClosed())
                    throw new UncheckedIOException(e);
            }
        }
    }

    /** A server that cannot be reached is one that resets the connection. */
    private void connect(Socket client) throws IOException {
        if (refusing) {
            ProxiedConnection.reset(client);
            return;
        }
        try {
            var connection = new ProxiedConnection(this, client, new Socket(server.host(), server.port()));
            connections.add(connection);
            connection.start();
        } catch (IOException _) {
            ProxiedConnection.reset(client);
        }
    }
}
