package sightline.language;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import sightline.language.model.DecodeRow;
import sightline.language.model.ModelRunner;
import sightline.language.sample.Adjuster;
import sightline.language.sample.Sampler;
import sightline.language.sample.Scores;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;

/** Carries one step out: forward, sample, emit; running answers first, then prompts. On the model's thread. */
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
        record Token(SequenceId id, int token) implements Result {}

        /** Its logits were no numbers, or a token that was read again came out as another one. */
        record Broken(SequenceId id, String why) implements Result {}
    }

    /** One result for each sequence that was due a token, or broke. */
    List<Result> run(Step step) {
        var results = new ArrayList<>(decode(step.decodes()));
        step.prefills().forEach(prefill -> prefill(prefill).ifPresent(results::add));
        return results;
    }

    private Optional<Result> prefill(Step.Prefill step) {
        var prompt = generation(step.id()).prompt();
        if (step.last()) {
            return choose(step.id(), 0, runner.finishPrompt(step, prompt));
        }
        runner.prefill(step, prompt);
        return Optional.empty();
    }

    private List<Result> decode(List<Step.Decode> decodes) {
        var rows = decodes.stream().flatMap(this::rows).toList();
        var logits = rows.isEmpty() ? List.<float[]>of() : runner.decode(rows);
        var results = new ArrayList<Result>();
        int row = 0;
        for (var decode : decodes) {
            var ofSequence = logits.subList(row, row + decode.rows());
            results.addAll(IntStream.range(0, decode.rows())
                    .mapToObj(i -> choose(decode.id(), decode.from() + i + 1, ofSequence.get(i)))
                    .flatMap(Optional::stream)
                    .limit(1)
                    .toList());
            row += decode.rows();
        }
        return results;
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
        OptionalInt chosen = sampler.choose(adjusted(generation, index, logits), begin.sampling(), 0, index);
        if (chosen.isEmpty()) {
            return Optional.of(new Result.Broken(id, "logits are not finite"));
        }
        int token = chosen.getAsInt();
        if (index < generation.tokens()) {
            return generation.token(index) == token
                    ? Optional.empty()
                    : Optional.of(new Result.Broken(id, "token " + index + " came out differently when read again"));
        }
        var scores = begin.topLogprobs() == 0
                ? Optional.<Scores>empty()
                : Optional.of(Scores.of(logits, token, begin.topLogprobs()));
        generation.onToken(token, scores, System.nanoTime());
        return Optional.of(new Result.Token(id, token));
    }

    /** Made of the tokens before this one, also when those behind it are there already. */
    private float[] adjusted(Generation generation, int index, float[] logits) {
        var begin = generation.begin();
        return begin.adjustment().isNone()
                ? logits
                : adjuster.apply(logits, begin.adjustment(), begin.promptIds(),
                        IntStream.range(0, index).map(generation::token).toArray());
    }

    private Generation generation(SequenceId id) {
        return Objects.requireNonNull(generations.get(id), () -> "no generation: " + id);
    }
}
