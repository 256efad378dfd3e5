package sightline.language;

import java.util.Optional;
import java.util.OptionalInt;
import sightline.language.sample.Adjuster;
import sightline.language.sample.Allowed;
import sightline.language.sample.Sampler;
import sightline.language.sample.Scores;
import sightline.language.schedule.SequenceId;

/** Makes tokens of logits, as each request wants them chosen, and emits those that are new. On the model's thread. */
final class TokenChoice {
    private final Adjuster adjuster;
    private final Sampler sampler;

    TokenChoice(int vocabulary) {
        this.adjuster = new Adjuster(vocabulary);
        this.sampler = new Sampler(vocabulary);
    }

    /**
     * What becomes of the token at one place of an answer; nothing where it was there before and came out again.
     *
     * @param logits [vocabulary]
     */
    Optional<StepRunner.Result> choose(SequenceId id, Generation generation, int index, float[] logits) {
        var begin = generation.begin();
        OptionalInt chosen = sampler.choose(adjusted(generation, index, logits), begin.sampling(), begin.choice(),
                index);
        if (chosen.isEmpty()) {
            return Optional.of(new StepRunner.Result.Broken(id));
        }
        int token = chosen.getAsInt();
        if (index < generation.tokens()) {
            return generation.token(index) == token
                    ? Optional.empty()
                    : Optional.of(new StepRunner.Result.Diverged(id, index));
        }
        var scores = begin.topLogprobs() == 0
                ? Optional.<Scores>empty()
                : Optional.of(Scores.of(logits, token, begin.topLogprobs()));
        generation.onToken(token, scores, System.nanoTime());
        return Optional.of(new StepRunner.Result.Token(id));
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
}
