package sightline.router.session;

import sightline.stage.v1.TokenScores;
import sightline.stage.v1.Tokens;
import sightline.v1.Delta;
import sightline.v1.TokenLogprobs;
import sightline.v1.TopLogprob;

/**
 * What tokens from a replica do to an answer: each is taken when its index is next, dropped when it is logged already,
 * and otherwise a fault.
 */
sealed interface TokenCheck {
    /** The answer has grown, by what the delta says. */
    record Accepted(Answer answer, Delta delta) implements TokenCheck {}

    /** All of them are logged already. */
    record Known() implements TokenCheck {}

    /** A token is missing, or there are more than may be: the replica cannot be followed. */
    record Broken(String why) implements TokenCheck {}

    /** A token differs from the one that was logged. */
    record Diverged(int index) implements TokenCheck {}

    static TokenCheck of(Run run, Tokens tokens) {
        if (tokens.getChoice() != run.choice()
                || (tokens.getScoresCount() != 0 && tokens.getScoresCount() != tokens.getIdsCount()))
            return new Broken(
                    "tokens of choice " + tokens.getChoice() + " with " + tokens.getScoresCount() + " scores");
        var answer = run.answer();
        var text = new StringBuilder();
        var delta = Delta.newBuilder().setChoice(run.choice()).setIndex(answer.log().size());
        for (int i = 0; i < tokens.getIdsCount() && !answer.isOver(); i++) {
            int index = tokens.getIndex() + i;
            int id = tokens.getIds(i);
            if (index < 0 || index > answer.log().size())
                return new Broken("token " + index + " after " + answer.log().size());
            if (index < answer.log().size()) {
                if (answer.log().get(index) != id)
                    return new Diverged(index);
                continue;
            }
            var grown = answer.accept(id);
            answer = grown.answer();
            text.append(grown.text());
            delta.addTokenIds(id);
            if (tokens.getScoresCount() > 0)
                delta.addLogprobs(logprobs(tokens.getScores(i)));
        }
        if (delta.getTokenIdsCount() == 0)
            return new Known();
        answer.end().ifPresent(delta::setEnd);
        return new Accepted(answer, delta.setText(text.toString()).build());
    }

    private static TokenLogprobs logprobs(TokenScores scores) {
        var logprobs = TokenLogprobs.newBuilder().setLogprob(scores.getLogprob());
        for (var scored : scores.getTopList())
            logprobs.addTop(TopLogprob.newBuilder().setTokenId(scored.getId()).setLogprob(scored.getLogprob()));
        return logprobs.build();
    }
}
