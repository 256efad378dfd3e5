package sightline.vision;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import sightline.runtime.Places;

/** The metrics of a vision node. */
final class VisionMetrics {
    private static final double[] SECONDS = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
    private static final double[] IMAGES = {1, 2, 4, 8, 16, 32};
    private static final double NANOS_PER_SECOND = 1e9;

    private final Histogram preprocessSeconds;
    private final Gauge preprocessWaiting;
    private final Histogram encodeSeconds;
    private final Histogram encodeBatchImages;
    private final Gauge storeBytes;
    private final Gauge leases;
    private final Counter storeLookups;
    private final Counter projectedBytes;

    VisionMetrics(CollectorRegistry registry) {
        preprocessSeconds = Histogram.build("sightline_preprocess_seconds", "Time to decode and preprocess a picture.")
                .buckets(SECONDS)
                .register(registry);
        preprocessWaiting = Gauge.build("sightline_preprocess_waiting", "Pictures that wait to be decoded.")
                .register(registry);
        encodeSeconds = Histogram.build("sightline_encode_seconds", "Time of tower and projector for a picture.")
                .buckets(SECONDS)
                .register(registry);
        encodeBatchImages = Histogram.build("sightline_encode_batch_images", "Pictures encoded in one step.")
                .buckets(IMAGES)
                .register(registry);
        storeBytes = Gauge.build("sightline_store_bytes", "Projected tokens held.").register(registry);
        leases = Gauge.build("sightline_leases", "Pictures that routers hold, waiting or encoded.").register(registry);
        storeLookups = Counter.build("sightline_store_lookups_total", "Pictures looked for among the tokens held.")
                .labelNames("result")
                .register(registry);
        projectedBytes = Counter.build("sightline_projected_bytes_total", "Projected tokens handed out.")
                .labelNames("path")
                .register(registry);
        for (Lookup lookup : Lookup.values()) {
            storeLookups.labels(lookup.label);
        }
        for (Path path : Path.values()) {
            projectedBytes.labels(path.label);
        }
    }

    /** What a look into the store found. */
    enum Lookup {
        HIT("hit"), MISS("miss");

        private final String label;

        Lookup(String label) {
            this.label = label;
        }
    }

    /** Who fetches tokens: a language node itself, or a router that passes them on. */
    enum Path {
        DIRECT("direct"), RELAY("relay");

        private final String label;

        Path(String label) {
            this.label = label;
        }
    }

    void preprocessed(long nanos) {
        preprocessSeconds.observe(nanos / NANOS_PER_SECOND);
    }

    void preprocessWaiting(int pictures) {
        preprocessWaiting.set(pictures);
    }

    void encoded(long nanos) {
        encodeSeconds.observe(nanos / NANOS_PER_SECOND);
    }

    void batch(int pictures) {
        encodeBatchImages.observe(pictures);
    }

    void storeBytes(long bytes) {
        storeBytes.set((double) bytes);
    }

    /** Counts the places that are taken whenever metrics are read. */
    void leases(Places places) {
        leases.setChild(new Gauge.Child() {
            @Override
            public double get() {
                return places.taken();
            }
        });
    }

    void lookup(Lookup result) {
        storeLookups.labels(result.label).inc();
    }

    void projectedBytes(Path path, int bytes) {
        projectedBytes.labels(path.label).inc(bytes);
    }
}
