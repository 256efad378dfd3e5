package sightline.language;

import io.grpc.ManagedChannel;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import sightline.wire.Endpoint;

/** Keeps the channels used last to whoever serves projected tokens; a bounded number. For any thread. */
final class FetchChannels implements AutoCloseable {
    private static final int MOST = 64;

    private final Function<Endpoint, ManagedChannel> open;
    private final Map<Endpoint, ManagedChannel> channels = new LinkedHashMap<>(16, 0.75f, true);

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

    @Override
    public synchronized void close() {
        channels.values().forEach(ManagedChannel::shutdownNow);
        channels.clear();
    }
}
