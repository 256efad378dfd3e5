package sightline.client;

import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import sightline.wire.Endpoint;
import sightline.wire.Received;

/** Says what gRPC itself has to say of a call to a router: what went wrong, where, and what was expected. */
record ConnectionTrouble(Endpoint router, Optional<Duration> timeout) {
    private static final String UNRESOLVED = "Unable to resolve host"; // as grpc-java's DnsNameResolver words it

    /**
     * What the router itself said stays as it is.
     *
     * @param hasBegun whether the answer had
     */
    Received inWords(Received received, boolean hasBegun) {
        if (received.reason().isEmpty() && received.status().equals("DEADLINE_EXCEEDED"))
            return told(received, Optional.of("DEADLINE"),
                    "no whole answer" + timeout.map(limit -> " within " + seconds(limit) + " s").orElse("")
                            + " (expected: one within the timeout)");
        if (!received.isConnectionLost())
            return received;
        if (received.message().startsWith(UNRESOLVED))
            return told(received, Optional.empty(), "no such host (expected: the name or address of a router)");
        return told(received, Optional.empty(), hasBegun
                ? "the connection broke in the middle of the answer (expected: a whole answer)"
                : "cannot be reached (expected: a running router's public port)");
    }

    private Received told(Received received, Optional<String> reason, String what) {
        return new Received(received.status(), reason, router + ": " + what, received.violations(),
                received.retryAfter());
    }

    private static String seconds(Duration limit) {
        return String.format(Locale.ROOT, "%.3f", limit.toNanos() / 1e9).replaceAll("\\.?0+$", "");
    }
}
