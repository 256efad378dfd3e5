package sightline.router.session;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import java.util.concurrent.TimeUnit;
import sightline.v1.Timeline;
import sightline.wire.Failure;

/** What a router measures, under the names of the contract. For any thread. */
public final class RouterMetrics {
    private static final double[] SECONDS = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
        30};
    private static final double[] SHORT_SECONDS = {0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005};
    private static final double MICROS_PER_SECOND = 1e6;

    private final Counter requests;
    private final Gauge running;
    private final Gauge waiting;
    private final Counter refusals;
    private final Gauge requestBytes;
    private final Gauge relays;
    private final Histogram queue;
    private final Histogram firstToken;
    private final Histogram perToken;
    private final Counter failovers;
    private final Counter replayed;
    private final Counter fenced;
    private final Histogram detokenize;

    public RouterMetrics(CollectorRegistry registry) {
        requests = Counter.build("sightline_requests_total", "Generate calls that are over, by their outcome.")
                .labelNames("outcome")
                .register(registry);
        running = Gauge.build("sightline_requests_running", "Sessions that live.").register(registry);
        waiting = Gauge
                .build("sightline_requests_waiting",
                        "Of these, such as have an answer with no replica yet: its prompt, its pictures or a replica is waited for.")
                .register(registry);
        refusals = Counter.build("sightline_refusals_total", "Generate calls that failed before their answer began.")
                .labelNames("reason")
                .register(registry);
        requestBytes = Gauge.build("sightline_request_bytes", "What the messages of calls under way hold.")
                .register(registry);
        relays = Gauge.build("sightline_relays_running", "Pictures whose projected tokens are passed on.")
                .register(registry);
        queue = histogram("sightline_queue_seconds", "Waiting on vision and language nodes.", SECONDS, registry);
        firstToken = histogram("sightline_ttft_seconds", "From receipt to the first token.", SECONDS, registry);
        perToken = histogram("sightline_time_per_output_token_seconds", "Of whole answers.", SECONDS, registry);
        failovers = Counter
                .build("sightline_failovers_total", "Attempts of answers that went on elsewhere, by what ended them.")
                .labelNames("cause")
                .register(registry);
        for (var cause : LossCause.values())
            failovers.labels(cause.label());
        replayed = Counter.build("sightline_replayed_tokens_total", "Tokens of answers that were read again elsewhere.")
                .register(registry);
        fenced = Counter.build("sightline_fenced_tokens_total", "Tokens of attempts that were over, dropped.")
                .register(registry);
        detokenize = histogram("sightline_detokenize_seconds", "From one message of tokens to its text.", SHORT_SECONDS,
                registry);
    }

    /** Sessions that live. */
    public int running() {
        return (int) running.get();
    }

    /** Of these, such as wait for their prompt, their pictures or a replica. */
    public int waiting() {
        return (int) waiting.get();
    }

    /** A call was refused without ever having had a session. */
    public void refused(Failure failure) {
        refusals.labels(failure.reason()).inc();
        requests.labels(failure.reason()).inc();
    }

    /** What the messages of all calls under way hold now. */
    public void requestBytes(long bytes) {
        requestBytes.set((double) bytes);
    }

    /** So many more pictures, or fewer, have their projected tokens passed on. */
    public void relaying(int more) {
        relays.inc(more);
    }

    void started() {
        running.inc();
    }

    /** So many more sessions, or fewer, wait. */
    void waiting(int more) {
        waiting.inc(more);
    }

    void stopped() {
        running.dec();
    }

    /** @param tokens of the longest answer */
    void completed(Timeline timeline, int tokens) {
        requests.labels("OK").inc();
        queue.observe(timeline.getQueueUs() / MICROS_PER_SECOND);
        firstToken.observe(timeline.getFirstTokenUs() / MICROS_PER_SECOND);
        if (tokens > 1)
            perToken.observe(timeline.getDecodeUs() / MICROS_PER_SECOND / (tokens - 1));
    }

    void failed(Failure failure, boolean hadBegun) {
        if (!hadBegun && !(failure instanceof Failure.Cancelled))
            refusals.labels(failure.reason()).inc();
        requests.labels(failure.reason()).inc();
    }

    void failover(LossCause cause) {
        failovers.labels(cause.label()).inc();
    }

    void replayed(int tokens) {
        replayed.inc(tokens);
    }

    void fenced(int tokens) {
        fenced.inc(tokens);
    }

    void detokenized(long nanos) {
        detokenize.observe((double) nanos / TimeUnit.SECONDS.toNanos(1));
    }

    private static Histogram histogram(String name, String help, double[] bounds, CollectorRegistry registry) {
        return Histogram.build(name, help).buckets(bounds).register(registry);
    }
}
