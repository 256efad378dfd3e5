package sightline.language;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import sightline.language.model.Batch;
import sightline.language.model.DecodeRow;
import sightline.language.model.ModelRunner;
import sightline.language.model.PromptSpan;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;

/**
 * Carries steps out: all rows of a step go forward together, and once their logits are there, tokens are made of them and
 * emitted. Steps end in the order in which they were started. On the model's thread.
 */
final class StepRunner {
    private final ModelRunner runner;
    private final TokenChoice choice;
    private final Generations generations;
    private final Deque<UnderWay> underWay = new ArrayDeque<>();

    /** @param generations by sequence; read, not changed */
    StepRunner(ModelRunner runner, int vocabulary, Generations generations) {
        this.runner = runner;
        this.choice = new TokenChoice(vocabulary);
        this.generations = generations;
    }

    /** What became of one sequence in a step. */
    sealed interface Result {
        SequenceId id();

        /** Its next token, already emitted. */
        record Token(SequenceId id) implements Result {}

        /** Its logits were no numbers. */
        record Broken(SequenceId id) implements Result {}

        /** A token that was there before came out as another one when it was read again. */
        record Diverged(SequenceId id, int index) implements Result {}

        /** It had gone before its logits were there. */
        record Late(SequenceId id) implements Result {}
    }

    /**
     * A step that is over.
     *
     * @param nanos that it took, sampling included
     * @param computedNanos of these, that were spent here rather than in further stages or in waiting for an earlier step
     * @param results one for each sequence that was due a token, or broke
     */
    record Finished(Step step, long nanos, long computedNanos, List<Result> results) {}

    /** @param startedNanos when its part here was computed */
    private record UnderWay(Step step, long beginNanos, long startedNanos) {}

    /** @param ready as {@link ModelRunner#start} has it */
    void start(Step step, Runnable ready) {
        long beginNanos = System.nanoTime();
        runner.start(new Batch(step.decodes().stream().flatMap(this::rows).toList(),
                step.prefills().stream().map(this::span).toList()), ready);
        underWay.addLast(new UnderWay(step, beginNanos, System.nanoTime()));
    }

    /** Ends the oldest step, which is ready. */
    Finished finish() {
        long readyNanos = System.nanoTime();
        var oldest = underWay.removeFirst();
        var results = results(oldest.step(), runner.finish().iterator());
        long endNanos = System.nanoTime();
        return new Finished(oldest.step(), endNanos - oldest.beginNanos(),
                oldest.startedNanos() - oldest.beginNanos() + endNanos - readyNanos, results);
    }

    private Stream<DecodeRow> rows(Step.Decode decode) {
        var generation = generation(decode.id());
        return IntStream.range(decode.from(), decode.to())
                .mapToObj(i -> new DecodeRow(decode.id(), generation.token(i), generation.position(i)));
    }

    private PromptSpan span(Step.Prefill prefill) {
        return new PromptSpan(prefill.id(), generation(prefill.id()).prompt(), prefill.from(), prefill.to());
    }

    private List<Result> results(Step step, Iterator<float[]> logits) {
        var results = new ArrayList<Result>();
        for (var decode : step.decodes()) {
            choose(decode, logits).ifPresent(results::add);
        }
        step.prefills()
                .stream()
                .filter(Step.Prefill::last)
                .flatMap(prefill -> choose(prefill.id(), 0, logits.next()).stream())
                .forEach(results::add);
        return results;
    }

    /** The token after the last row; or what broke after an earlier one. */
    private Optional<Result> choose(Step.Decode decode, Iterator<float[]> logits) {
        Optional<Result> first = Optional.empty();
        for (int i = decode.from(); i < decode.to(); i++) {
            float[] row = logits.next();
            if (first.isEmpty()) {
                first = choose(decode.id(), i + 1, row);
            }
        }
        return first;
    }

    private Optional<Result> choose(SequenceId id, int index, float[] logits) {
        var generation = generations.of(id);
        return generation.isEmpty()
                ? Optional.of(new Result.Late(id))
                : choice.choose(id, generation.get(), index, logits);
    }

    private Generation generation(SequenceId id) {
        return generations.of(id).orElseThrow(() -> new IllegalStateException("no generation: " + id));
    }
}
