package sightline.wire;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URISyntaxException;

/** A host and a TCP port, written {@code host:port} ({@code [::1]:port} for an IPv6 address). */
public record Endpoint(String host, int port) {

    /** Port 0 asks for any free port and is only good for binding. */
    public Endpoint {
        if (!isHost(host))
            throw new IllegalArgumentException("host: '" + host + "' (expected: a name or an address)");
        if (port < 0 || port > 65_535)
            throw new IllegalArgumentException("port: " + port + " (expected: 0..65535)");
    }

    public static Endpoint parse(String text) {
        int colon = text.lastIndexOf(':');
        if (colon <= 0)
            throw new IllegalArgumentException("endpoint: " + text + " (expected: host:port)");
        var host = text.substring(0, colon);
        if (host.startsWith("[") && host.endsWith("]"))
            host = host.substring(1, host.length() - 1);
        else if (host.contains(":"))
            throw new IllegalArgumentException("endpoint: " + text + " (expected: host:port or [address]:port)");
        return new Endpoint(host, port(text, text.substring(colon + 1)));
    }

    public InetSocketAddress toSocketAddress() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Whether gRPC can address it, which takes no underscore for one. */
    private static boolean isHost(String text) {
        try {
            return new URI(null, null, text, -1, null, null, null).getHost() != null;
        } catch (URISyntaxException _) {
            return false;
        }
    }

    private static int port(String text, String digits) {
        try {
            return Integer.parseInt(digits);
        } catch (NumberFormatException _) {
            throw new IllegalArgumentException("endpoint: " + text + " (expected: host:port)");
        }
    }
}
