package sightline.deploy.top;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import sightline.v1.Node;
import sightline.wire.Endpoint;

/** Reads the metrics of many nodes at once; one that is out of reach or does not answer in time is left out. */
final class MetricsReader implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofSeconds(1);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(LIMIT).build();

    /** By name of the node. */
    Map<String, Counters> read(List<Node> nodes) {
        var reading = new HashMap<String, CompletableFuture<Optional<Counters>>>();
        nodes.stream()
                .filter(node -> !node.getMetrics().isEmpty() && !node.getState().startsWith("UNREACHABLE"))
                .forEach(node -> reading.put(node.getName(), read(Endpoint.parse(node.getMetrics()))));
        var read = new HashMap<String, Counters>();
        reading.forEach((name, counters) -> counters.join().ifPresent(c -> read.put(name, c)));
        return read;
    }

    private CompletableFuture<Optional<Counters>> read(Endpoint endpoint) {
        var request = HttpRequest.newBuilder(URI.create("http://" + endpoint + "/metrics")).timeout(LIMIT).build();
        return http.sendAsync(request, BodyHandlers.ofString())
                .thenApply(page -> Optional.of(Counters.parse(page.body(), System.nanoTime())))
                .exceptionally(_ -> Optional.empty());
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
