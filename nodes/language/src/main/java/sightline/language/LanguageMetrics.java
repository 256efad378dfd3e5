package sightline.language;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import sightline.language.schedule.SchedulerState;
import sightline.language.schedule.Step;

/** The metrics of a language node. */
final class LanguageMetrics {
    private static final double[] STEP_SECONDS = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
    private static final double[] STEP_ROWS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
    private static final double NANOS_PER_SECOND = 1e9;

    private final Histogram stepSeconds;
    private final Histogram stepRows;
    private final Gauge running;
    private final Gauge waiting;
    private final Gauge kvBlocksUsed;
    private final Gauge kvBlocksTotal;
    private final Counter cancelled;
    private final Counter late;

    LanguageMetrics(CollectorRegistry registry) {
        stepSeconds = Histogram.build("sightline_step_seconds", "Time of a step, sampling included.")
                .labelNames("kind")
                .buckets(STEP_SECONDS)
                .register(registry);
        stepRows = Histogram.build("sightline_step_rows", "Rows that a step computed, padding left out.")
                .buckets(STEP_ROWS)
                .register(registry);
        running = gauge(registry, "sightline_sequences_running", "Sequences that hold KV blocks.");
        waiting = gauge(registry, "sightline_sequences_waiting", "Requests that wait for KV blocks.");
        kvBlocksUsed = gauge(registry, "sightline_kv_blocks_used", "KV blocks reserved.");
        kvBlocksTotal = gauge(registry, "sightline_kv_blocks_total", "KV blocks that there is memory for.");
        cancelled = Counter.build("sightline_cancelled_total", "Requests withdrawn before their end.")
                .register(registry);
        late = Counter.build("sightline_late_results_total", "Results that came after their request had gone.")
                .register(registry);
    }

    void step(Step step, long nanos) {
        switch (step) {
            case Step.Prefill(_, var from, var to, _) -> observe("prefill", to - from, nanos);
            case Step.Decode(var ids) -> observe("decode", ids.size(), nanos);
        }
    }

    void state(SchedulerState before, SchedulerState now) {
        running.set(now.sequencesRunning());
        waiting.set(now.sequencesWaiting());
        kvBlocksUsed.set(now.kv().usedBlocks());
        kvBlocksTotal.set(now.kv().totalBlocks());
        late.inc((double) now.late() - before.late());
    }

    void cancelled() {
        cancelled.inc();
    }

    private void observe(String kind, int rows, long nanos) {
        stepSeconds.labels(kind).observe(nanos / NANOS_PER_SECOND);
        stepRows.observe(rows);
    }

    private static Gauge gauge(CollectorRegistry registry, String name, String help) {
        return Gauge.build(name, help).register(registry);
    }
}
