package sightline.runtime;

import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.GaugeMetricFamily;
import io.prometheus.client.exporter.HTTPServer;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import sightline.wire.Endpoint;

/** The metrics that every process has, and the HTTP port that shows them with those of its role. */
public final class ProcessMetrics implements AutoCloseable {
    private final CollectorRegistry registry = new CollectorRegistry(true);
    private final AtomicReference<String> fingerprint = new AtomicReference<>("");
    private final AtomicReference<LongSupplier> nativeBytes = new AtomicReference<>(() -> 0L);
    private final HTTPServer http;

    private ProcessMetrics(HTTPServer.Builder http) throws IOException {
        DefaultExports.register(registry);
        registry.register(new ProcessCollector());
        this.http = http.withRegistry(registry).withDaemonThreads(true).build();
    }

    /**
     * Opens the port.
     *
     * @param bind port 0 takes any free one
     */
    static ProcessMetrics open(Endpoint bind) throws StartFailure {
        try {
            return new ProcessMetrics(new HTTPServer.Builder().withInetSocketAddress(bind.toSocketAddress()));
        } catch (IOException e) {
            throw Ports.cannotBind(bind, "metrics.port", e);
        }
    }

    /** Where a role's own metrics class registers its collectors. */
    public CollectorRegistry registry() {
        return registry;
    }

    int port() {
        return http.getPort();
    }

    void fingerprint(String value) {
        fingerprint.set(value);
    }

    /** Called from the HTTP thread whenever metrics are read. */
    public void nativeBytes(LongSupplier bytes) {
        nativeBytes.set(bytes);
    }

    @Override
    public void close() {
        http.close();
    }

    private final class ProcessCollector extends Collector {
        @Override
        public List<MetricFamilySamples> collect() {
            var build = new GaugeMetricFamily("sightline_build_info", "What runs here; always 1.",
                    List.of("version", "fingerprint"));
            build.addMetric(List.of(Version.current(), fingerprint.get()), 1);
            return List.of(build, new GaugeMetricFamily("sightline_native_bytes",
                    "Memory held outside the Java heap by tensors.", nativeBytes.get().getAsLong()));
        }
    }
}
