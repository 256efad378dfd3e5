package sightline.deploy.jmh;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import sightline.language.schedule.Demand;
import sightline.language.schedule.Demand.PromptShape;
import sightline.language.schedule.Effect;
import sightline.language.schedule.Event;
import sightline.language.schedule.KvLedger;
import sightline.language.schedule.Limits;
import sightline.language.schedule.Scheduler;
import sightline.language.schedule.SchedulerState;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;

/** What deciding one step costs while 1,000 requests are known: a step that is due, and its results. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 500, timeUnit = TimeUnit.MILLISECONDS)
public class SchedulerBenchmark {
    private static final int REQUESTS = 1000;
    private static final int BLOCK_POSITIONS = 64;
    private static final int PROMPT_TOKENS = 30;
    private static final int NEW_TOKENS = 10_000;
    private static final Step NOTHING = new Step(List.of(), List.of());

    /** Sequences that decode; the other requests wait. */
    @Param({"8", "64", "1000"})
    int running;

    @SuppressWarnings("NullAway.Init") // JMH sets up before it measures
    private Scheduler scheduler;

    private SchedulerState state = SchedulerState.idle(KvLedger.empty(BLOCK_POSITIONS, 1));

    /** All requests have come, and those that run have read their prompts. */
    @Setup(Level.Trial)
    public void fill() {
        scheduler = new Scheduler(new Limits(running, REQUESTS, 32, 20, 20, 8, Duration.ofSeconds(10),
                Duration.ofHours(1), Duration.ofSeconds(3)));
        state = SchedulerState.idle(KvLedger.empty(BLOCK_POSITIONS, 64 * REQUESTS));
        var shape = new PromptShape(PROMPT_TOKENS, List.of(), List.of());
        for (int i = 0; i < REQUESTS; i++)
            feed(new Event.Arrived(
                    new Demand(new SequenceId(i), shape, 0, NEW_TOKENS, i, 0, Long.MAX_VALUE, NEW_TOKENS, false)));
        for (int read = 0; read < running;) {
            var step = feed(new Event.StepDue());
            read += step.prefills().size();
            feed(done(step));
        }
    }

    @Benchmark
    public SchedulerState step() {
        var due = scheduler.transition(state, new Event.StepDue(), REQUESTS);
        return scheduler.transition(due.state(), done(step(due)), REQUESTS).state();
    }

    private Step feed(Event event) {
        var transition = scheduler.transition(state, event, REQUESTS);
        state = transition.state();
        return step(transition);
    }

    private static Step step(Scheduler.Transition transition) {
        for (var effect : transition.effects())
            if (effect instanceof Effect.Run(var step))
                return step;
        return NOTHING;
    }

    /** A token for every row that gives one, none of them the last of its answer. */
    private static Event done(Step step) {
        var decoded = step.decodes().stream().map(decode -> new Event.Sampled(decode.id(), false));
        var read = step.prefills()
                .stream()
                .filter(Step.Prefill::last)
                .map(prefill -> new Event.Sampled(prefill.id(), false));
        return new Event.StepDone(Stream.concat(decoded, read).toList());
    }
}
