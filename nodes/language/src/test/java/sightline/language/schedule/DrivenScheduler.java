package sightline.language.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import sightline.language.schedule.Demand.ImageSpan;
import sightline.language.schedule.Demand.PromptShape;

/** A scheduler that is driven by hand, and the state that it has come to. */
abstract class DrivenScheduler {
    static final int BLOCK = 64;
    static final long SECOND_NANOS = Duration.ofSeconds(1).toNanos();
    static final Limits LIMITS = new Limits(3, 1, 32, 2, 1, 8, Duration.ofSeconds(10), Duration.ofSeconds(30),
            Duration.ofSeconds(3));

    private final Scheduler scheduler;
    SchedulerState state = SchedulerState.idle(KvLedger.empty(BLOCK, 8));
    long nowNanos;

    DrivenScheduler() {
        this(LIMITS);
    }

    DrivenScheduler(Limits limits) {
        scheduler = new Scheduler(limits);
    }

    void decoding(long sequence, int maxNewTokens) {
        arrive(sequence, 10, maxNewTokens);
        due();
        done(sequence);
    }

    void finishPrompt(long sequence) {
        for (var step = due(); !step.prefills().getFirst().last(); step = due()) {
            done();
        }
        done(sequence);
    }

    void sampleAll(Step step) {
        var decoded = step.decodes().stream().map(decode -> decode.id().value());
        var prefilled = step.prefills().stream().filter(Step.Prefill::last).map(prefill -> prefill.id().value());
        done(java.util.stream.Stream.concat(decoded, prefilled).mapToLong(Long::longValue).toArray());
    }

    List<Effect> arrive(long sequence, int promptTokens, int maxNewTokens) {
        return arrive(sequence, promptTokens, maxNewTokens, 1_000);
    }

    List<Effect> arrive(long sequence, int promptTokens, int maxNewTokens, int credit) {
        return arrive(new Demand(id(sequence), shape(promptTokens, 0, 0), 0, maxNewTokens, nowNanos, 0,
                99 * SECOND_NANOS, credit, false));
    }

    List<Effect> arrive(Demand demand) {
        return feed(new Event.Arrived(demand));
    }

    Demand demand(long sequence, int promptTokens, int maxNewTokens, int priority) {
        return new Demand(id(sequence), shape(promptTokens, 0, 0), 0, maxNewTokens, nowNanos, priority,
                99 * SECOND_NANOS, 1_000, false);
    }

    Demand demand(long sequence, PromptShape shape, int maxNewTokens) {
        return new Demand(id(sequence), shape, 0, maxNewTokens, nowNanos, 0, 99 * SECOND_NANOS, 1_000, false);
    }

    /** A prompt whose tokens are all this one, and of which an image takes the first rows, if any. */
    static PromptShape shape(int tokens, int imageEnd, int token) {
        return shape(tokens, imageEnd == 0 ? List.of() : List.of(new ImageSpan(0, imageEnd, true)), token);
    }

    static PromptShape shape(int tokens, List<ImageSpan> images, int token) {
        var block = new PromptBlock(Collections.nCopies(BLOCK, token), List.of());
        return new PromptShape(tokens, images, IntStream.range(0, (tokens - 1) / BLOCK).mapToObj(_ -> block).toList());
    }

    boolean lacksRows(long sequence) {
        return scheduler.lacksRows(state, id(sequence));
    }

    static Step prefill(long sequence, int from, int to, boolean last) {
        return new Step(List.of(), List.of(new Step.Prefill(id(sequence), from, to, last)));
    }

    static Step decode(long sequence, int from) {
        return new Step(List.of(new Step.Decode(id(sequence), from, from + 1)), List.of());
    }

    Step due() {
        return due(new ArrayList<>());
    }

    /** The step that is run, and all effects besides. */
    Step due(List<Effect> effects) {
        effects.addAll(feed(new Event.StepDue()));
        return effects.stream()
                .filter(Effect.Run.class::isInstance)
                .map(effect -> ((Effect.Run) effect).step())
                .findFirst()
                .orElseThrow();
    }

    List<Effect> done(long... sampled) {
        var tokens = Arrays.stream(sampled).mapToObj(s -> new Event.Sampled(id(s), false)).toList();
        return feed(new Event.StepDone(tokens));
    }

    List<Effect> feed(Event event) {
        var transition = scheduler.transition(state, event, nowNanos);
        state = transition.state();
        return transition.effects();
    }

    static SequenceId id(long value) {
        return new SequenceId(value);
    }
}
