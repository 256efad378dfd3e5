package sightline.language;

import io.grpc.ManagedChannel;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import sightline.wire.Endpoint;

/**
 * Keeps the channels used last to whoever serves projected tokens, and which of those could not be reached lately; a
 * bounded number of each. For any thread.
 */
final class FetchChannels implements AutoCloseable {
    private static final int MOST = 64;
    private static final Duration SHUNNED = Duration.ofMinutes(1);

    private final Function<Endpoint, ManagedChannel> open;
    private final Map<Endpoint, ManagedChannel> channels = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<Endpoint, Long> unreachedNanos = new LinkedHashMap<>();

    FetchChannels(Function<Endpoint, ManagedChannel> open) {
        this.open = open;
    }

    /** A channel that tries to connect at once, even if it has just failed. */
    synchronized ManagedChannel to(Endpoint endpoint) {
        var channel = channels.computeIfAbsent(endpoint, open);
        if (channels.size() > MOST) {
            var eldest = channels.entrySet().iterator();
            eldest.next().getValue().shutdown();
            eldest.remove();
        }
        channel.resetConnectBackoff();
        return channel;
    }

    /** A call there brought nothing. */
    synchronized void unreached(Endpoint endpoint, long nowNanos) {
        unreachedNanos.remove(endpoint);
        unreachedNanos.put(endpoint, nowNanos);
        if (unreachedNanos.size() > MOST) {
            unreachedNanos.remove(unreachedNanos.keySet().iterator().next());
        }
    }

    /** The same endpoints, those that could not be reached within the last minute behind the others. */
    synchronized List<Endpoint> inOrder(List<Endpoint> endpoints, long nowNanos) {
        unreachedNanos.values().removeIf(atNanos -> nowNanos - atNanos >= SHUNNED.toNanos());
        return endpoints.stream().sorted(Comparator.comparing(unreachedNanos::containsKey)).toList();
    }

    @Override
    public synchronized void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
    }
}
