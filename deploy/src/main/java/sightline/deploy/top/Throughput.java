package sightline.deploy.top;

import java.time.Duration;
import java.util.Optional;

/** What the nodes of a role do, and the metric that counts it. */
enum Throughput {
    REQUESTS("router", "sightline_requests_total", "requests/s"), IMAGES("vision", "sightline_encode_seconds_count",
            "images/s"), TOKENS("language", "sightline_generated_tokens_total", "tokens/s");

    private final String role;
    private final String metric;
    private final String unit;

    Throughput(String role, String metric, String unit) {
        this.role = role;
        this.metric = metric;
        this.unit = unit;
    }

    String unit() {
        return unit;
    }

    static Optional<Throughput> of(String role) {
        for (var throughput : values())
            if (throughput.role.equals(role))
                return Optional.of(throughput);
        return Optional.empty();
    }

    /** Per second from one reading to the next; none where the process began anew in between. */
    Optional<Double> between(Counters before, Counters now) {
        double counted = now.total(metric) - before.total(metric);
        double seconds = (double) (now.atNanos() - before.atNanos()) / Duration.ofSeconds(1).toNanos();
        return counted < 0 || seconds <= 0 ? Optional.empty() : Optional.of(counted / seconds);
    }
}
