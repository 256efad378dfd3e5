package sightline.language;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.Locale;
import sightline.language.schedule.SchedulerState;
import sightline.language.schedule.Step;
import sightline.language.stage.StageMetrics;

/** The metrics of a language node that takes requests: the head of its replica. */
final class LanguageMetrics {
    private static final double[] STEP_SECONDS = {0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
    private static final double[] HANDOFF_SECONDS = {0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5};
    private static final double[] STEP_ROWS = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512};
    private static final double NANOS_PER_SECOND = 1e9;

    private final StageMetrics stage;
    private final Histogram stepSeconds;
    private final Histogram stepRows;
    private final Counter generated;
    private final Gauge running;
    private final Gauge waiting;
    private final Gauge kvBlocksUsed;
    private final Gauge kvBlocksTotal;
    private final Gauge kvBlocksKept;
    private final Counter prefixHits;
    private final Counter preemptions;
    private final Counter cancelled;
    private final Counter late;
    private final Histogram handoffSeconds;
    private final Counter handoffBytes;

    LanguageMetrics(CollectorRegistry registry) {
        stage = new StageMetrics(registry);
        stepSeconds = Histogram.build("sightline_step_seconds", "Time of a step, sampling included.")
                .labelNames("kind")
                .buckets(STEP_SECONDS)
                .register(registry);
        stepRows = Histogram.build("sightline_step_rows", "Rows that a step computed, padding left out.")
                .buckets(STEP_ROWS)
                .register(registry);
        generated = Counter.build("sightline_generated_tokens_total", "Tokens of answers.").register(registry);
        running = gauge(registry, "sightline_sequences_running", "Sequences that hold KV blocks.");
        waiting = gauge(registry, "sightline_sequences_waiting", "Requests that wait for KV blocks.");
        kvBlocksUsed = gauge(registry, "sightline_kv_blocks_used", "KV blocks reserved.");
        kvBlocksTotal = gauge(registry, "sightline_kv_blocks_total", "KV blocks that there is memory for.");
        kvBlocksKept = gauge(registry, "sightline_kv_blocks_kept", "KV blocks kept for prompts that begin alike.");
        prefixHits = Counter.build("sightline_prefix_hit_tokens_total", "Prompt positions that needed not be read.")
                .register(registry);
        preemptions = Counter
                .build("sightline_preemptions_total", "Sequences that gave their KV blocks back for others.")
                .register(registry);
        cancelled = Counter.build("sightline_cancelled_total", "Requests withdrawn before their end.")
                .register(registry);
        late = Counter.build("sightline_late_results_total", "Results that came after their request had gone.")
                .register(registry);
        handoffSeconds = Histogram
                .build("sightline_handoff_seconds",
                        "From asking for a picture's projected tokens until all of them are here and verified.")
                .labelNames("path")
                .buckets(HANDOFF_SECONDS)
                .register(registry);
        handoffBytes = Counter.build("sightline_handoff_bytes_total", "Projected tokens that came whole.")
                .labelNames("path")
                .register(registry);
        for (Path path : Path.values()) {
            handoffSeconds.labels(path.label());
            handoffBytes.labels(path.label());
        }
    }

    /** The way by which projected tokens came: from the vision node, or passed on by a router. */
    enum Path {
        DIRECT, RELAY;

        private String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    void step(StepRunner.Finished finished) {
        var step = finished.step();
        stage.computed(finished.computedNanos());
        stepSeconds.labels(kind(step)).observe(finished.nanos() / NANOS_PER_SECOND);
        stepRows.observe((double) step.decodeRows() + step.prefillRows());
    }

    /** A picture's projected tokens are here; for any thread. */
    void handedOff(Path path, long bytes, long nanos) {
        handoffSeconds.labels(path.label()).observe(nanos / NANOS_PER_SECOND);
        handoffBytes.labels(path.label()).inc((double) bytes);
    }

    void generated(long tokens) {
        generated.inc((double) tokens);
    }

    private static String kind(Step step) {
        if (step.prefills().isEmpty()) {
            return "decode";
        }
        return step.decodes().isEmpty() ? "prefill" : "mixed";
    }

    void state(SchedulerState before, SchedulerState now) {
        running.set(now.sequencesRunning());
        waiting.set(now.sequencesWaiting());
        kvBlocksUsed.set(now.kv().usedBlocks());
        kvBlocksTotal.set(now.kv().totalBlocks());
        kvBlocksKept.set(now.kv().keptBlocks());
        late.inc((double) now.counts().late() - before.counts().late());
        preemptions.inc((double) now.counts().preemptions() - before.counts().preemptions());
        prefixHits.inc((double) now.counts().hitTokens() - before.counts().hitTokens());
    }

    void cancelled() {
        cancelled.inc();
    }

    private static Gauge gauge(CollectorRegistry registry, String name, String help) {
        return Gauge.build(name, help).register(registry);
    }
}
