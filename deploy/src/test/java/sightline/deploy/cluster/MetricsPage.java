package sightline.deploy.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.function.DoublePredicate;
import sightline.wire.Endpoint;

/** The metrics of one process, as Prometheus would read them. */
public final class MetricsPage {
    private static final Duration POLL = Duration.ofMillis(10);

    private final HttpClient http = HttpClient.newHttpClient();
    private final HttpRequest request;

    public MetricsPage(Endpoint endpoint) {
        this.request = HttpRequest.newBuilder(URI.create("http://" + endpoint + "/metrics"))
                .timeout(Duration.ofSeconds(5))
                .build();
    }

    /** The sample lines. */
    public List<String> read() throws IOException, InterruptedException {
        return http.send(request, BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> !line.startsWith("#"))
                .toList();
    }

    /** Of all samples, label sets left out. */
    public List<String> names() throws IOException, InterruptedException {
        return read().stream().map(line -> line.split("[{ ]", 2)[0]).distinct().toList();
    }

    /** The sum over all label sets. */
    public double value(String name) throws IOException, InterruptedException {
        return read().stream()
                .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    /** Reads until {@code wanted} holds; fails the test when it does not within {@code limit}. */
    public void await(String name, DoublePredicate wanted, Duration limit) throws IOException, InterruptedException {
        long endNanos = System.nanoTime() + limit.toNanos();
        double value = value(name);
        while (!wanted.test(value) && System.nanoTime() < endNanos) {
            Thread.sleep(POLL);
            value = value(name);
        }
        assertThat(wanted.test(value)).as("%s is %s after %s", name, value, limit).isTrue();
    }
}
