package sightline.router.session;

import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import sightline.router.text.AnswerText;
import sightline.router.text.Ids;
import sightline.v1.ChoiceEnd;
import sightline.v1.FinishReason;
import sightline.wire.Choices;

/**
 * One answer: the log of its ids, which is all that matters, and the text that they make.
 *
 * <p>An immutable value. Text, end and reason are functions of the ids alone, so that an answer that goes on elsewhere
 * is the same one.
 *
 * @param end absent while more ids may follow
 */
record Answer(Ids log, AnswerText text, EndRule rule, Optional<ChoiceEnd> end) {

    /**
     * When an answer is over: with one of these tokens, as one of these choices, at this length, or with a stop string.
     *
     * @param minNewTokens a stop string that is complete before this many tokens is text
     */
    record EndRule(Set<Integer> endIds, Choices choices, int minNewTokens, int maxNewTokens) {
        EndRule {
            endIds = Set.copyOf(endIds);
        }

        private boolean isChoice(Ids ids) {
            return !choices.isFree() && choices.isOver(Arrays.stream(ids.toArray()).boxed().toList());
        }
    }

    /** The answer with one id more, and the text that may be shown now. */
    record Grown(Answer answer, String text) {}

    static Answer empty(AnswerText text, EndRule rule) {
        return new Answer(Ids.empty(), text, rule, Optional.empty());
    }

    boolean isOver() {
        return end.isPresent();
    }

    Grown accept(int id) {
        var longer = log.append(id);
        return switch (longer.size() < rule.minNewTokens ? text.pass(id) : text.accept(id)) {
            case AnswerText.Progress.Stopped(var stop, var shown) ->
                    new Grown(new Answer(longer, text, rule, Optional.of(stopped(stop))), shown);
            case AnswerText.Progress.Open(var next, var shown) when rule.endIds.contains(id) ->
                    over(longer, next, shown, end(FinishReason.FINISH_REASON_STOP).setTokenId(id).build());
            case AnswerText.Progress.Open(var next, var shown) when rule.isChoice(longer) ->
                    over(longer, next, shown, end(FinishReason.FINISH_REASON_STOP).build());
            case AnswerText.Progress.Open(var next, var shown) when longer.size() >= rule.maxNewTokens ->
                    over(longer, next, shown, end(FinishReason.FINISH_REASON_LENGTH).build());
            case AnswerText.Progress.Open(var next, var shown) ->
                    new Grown(new Answer(longer, next, rule, Optional.empty()), shown);
        };
    }

    /** What was held back is shown; it may complete a stop string after all, which then ended the answer. */
    private Grown over(Ids longer, AnswerText last, String shown, ChoiceEnd end) {
        var rest = last.end();
        var reason = rest.stop().map(Answer::stopped).orElse(end);
        return new Grown(new Answer(longer, last, rule, Optional.of(reason)), shown + rest.text());
    }

    private static ChoiceEnd stopped(String stop) {
        return end(FinishReason.FINISH_REASON_STOP).setStop(stop).build();
    }

    private static ChoiceEnd.Builder end(FinishReason reason) {
        return ChoiceEnd.newBuilder().setReason(reason);
    }
}
