package sightline.language.stage;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import java.util.concurrent.TimeUnit;

/** What every process of a replica measures of its part, the only one of a replica included. */
public final class StageMetrics {
    private final Counter busy;

    public StageMetrics(CollectorRegistry registry) {
        busy = Counter.build("sightline_stage_busy_seconds_total",
                "Time that this stage computed; its rate is the stage's utilisation.").register(registry);
    }

    /** The stage has computed for so long. */
    public void computed(long nanos) {
        busy.inc((double) nanos / TimeUnit.SECONDS.toNanos(1));
    }
}
