package sightline.language;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import sightline.language.model.Batch;
import sightline.language.model.DecodeRow;
import sightline.language.model.ModelRunner;
import sightline.language.model.PromptSpan;
import sightline.language.sample.Adjuster;
import sightline.language.sample.Allowed;
import sightline.language.sample.Sampler;
import sightline.language.sample.Scores;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;

/** Carries one step out: forward, sample, emit; all rows of the step together. On the model's thread. */
final class StepRunner {
    private final ModelRunner runner;
    private final Adjuster adjuster;
    private final Sampler sampler;
    private final Map<SequenceId, Generation> generations;

    /** @param generations by sequence; read, not changed */
    StepRunner(ModelRunner runner, int vocabulary, Map<SequenceId, Generation> generations) {
        this.runner = runner;
        this.adjuster = new Adjuster(vocabulary);
        this.sampler = new Sampler(vocabulary);
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
    }

    /** One result for each sequence that was due a token, or broke. */
    List<Result> run(Step step) {
        var spans = step.prefills().stream().map(this::span).toList();
        var logits = runner.run(new Batch(step.decodes().stream().flatMap(this::rows).toList(), spans)).iterator();
        var results = new ArrayList<Result>();
        for (var decode : step.decodes()) {
            choose(decode, logits).ifPresent(results::add);
        }
        spans.stream()
                .filter(PromptSpan::endsPrompt)
                .flatMap(span -> choose(span.id(), 0, logits.next()).stream())
                .forEach(results::add);
        return results;
    }

    private PromptSpan span(Step.Prefill prefill) {
        return new PromptSpan(prefill.id(), generation(prefill.id()).prompt(), prefill.from(), prefill.to());
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

    private Stream<DecodeRow> rows(Step.Decode decode) {
        var generation = generation(decode.id());
        return IntStream.range(decode.from(), decode.to())
                .mapToObj(i -> new DecodeRow(decode.id(), generation.token(i), generation.position(i)));
    }

    /** @param index place of the token in its answer; one that was there before has to come out again */
    private Optional<Result> choose(SequenceId id, int index, float[] logits) {
        var generation = generation(id);
        var begin = generation.begin();
        OptionalInt chosen = sampler.choose(adjusted(generation, index, logits), begin.sampling(), begin.choice(),
                index);
        if (chosen.isEmpty()) {
            return Optional.of(new Result.Broken(id));
        }
        int token = chosen.getAsInt();
        if (index < generation.tokens()) {
            return generation.token(index) == token
                    ? Optional.empty()
                    : Optional.of(new Result.Diverged(id, index));
        }
        var scores = begin.topLogprobs() == 0
                ? Optional.<Scores>empty()
                : Optional.of(Scores.of(logits, token, begin.topLogprobs()));
        generation.onToken(token, scores, System.nanoTime());
        return Optional.of(new Result.Token(id));
    }

    /** Made of the tokens before this one, also when those behind it are there already. */
    private float[] adjusted(Generation generation, int index, float[] logits) {
        var begin = generation.begin();
        var answer = generation.first(index);
        var allowed = begin.constraint().after(answer);
        return begin.adjustment().isNone() && allowed instanceof Allowed.All
                ? logits
                : adjuster.apply(logits, begin.adjustment(), begin.promptIds(), answer, allowed);
    }

    private Generation generation(SequenceId id) {
        return Objects.requireNonNull(generations.get(id), () -> "no generation: " + id);
    }
}
