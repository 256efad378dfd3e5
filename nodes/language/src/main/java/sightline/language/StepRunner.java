package sightline.language;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import sightline.language.model.DecodeRow;
import sightline.language.model.ModelRunner;
import sightline.language.sample.Sampler;
import sightline.language.sample.Scores;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;

/** Carries one step out: forward, sample, emit. On the model's thread. */
final class StepRunner {
    private final ModelRunner runner;
    private final Sampler sampler;
    private final Map<SequenceId, Generation> generations;

    /** @param generations by sequence; read, not changed */
    StepRunner(ModelRunner runner, int vocabulary, Map<SequenceId, Generation> generations) {
        this.runner = runner;
        this.sampler = new Sampler(vocabulary);
        this.generations = generations;
    }

    /**
     * What became of one sequence in a step.
     *
     * @param token the next token, already emitted; nothing if the logits were no numbers
     */
    record Result(SequenceId id, OptionalInt token) {}

    /** One result for each sequence that was due a token. */
    List<Result> run(Step step) {
        return switch (step) {
            case Step.Prefill prefill -> prefill(prefill);
            case Step.Decode(var ids) -> decode(ids);
        };
    }

    private List<Result> prefill(Step.Prefill step) {
        var prompt = generation(step.id()).prompt();
        if (step.last()) {
            return List.of(sample(step.id(), runner.finishPrompt(step, prompt)));
        }
        runner.prefill(step, prompt);
        return List.of();
    }

    private List<Result> decode(List<SequenceId> ids) {
        var logits = runner.decode(ids.stream().map(this::row).toList());
        return IntStream.range(0, ids.size())
                .mapToObj(i -> sample(ids.get(i), logits.get(i)))
                .toList();
    }

    private DecodeRow row(SequenceId id) {
        var generation = generation(id);
        return new DecodeRow(id, generation.lastToken(), generation.lastPosition());
    }

    private Result sample(SequenceId id, float[] logits) {
        var generation = generation(id);
        var begin = generation.begin();
        var token = sampler.choose(logits, begin.sampling(), 0, generation.nextIndex());
        token.ifPresent(chosen -> {
            var scores = begin.topLogprobs() == 0
                    ? Optional.<Scores>empty()
                    : Optional.of(Scores.of(logits, chosen, begin.topLogprobs()));
            generation.onToken(chosen, scores, System.nanoTime());
        });
        return new Result(id, token);
    }

    private Generation generation(SequenceId id) {
        return Objects.requireNonNull(generations.get(id), () -> "no generation: " + id);
    }
}
