package sightline.router.session;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import sightline.router.prompt.RequestRefused;
import sightline.router.request.ResumeWish;
import sightline.router.text.AnswerText;
import sightline.router.text.StopStrings;
import sightline.wire.Choices;
import sightline.wire.Failure;

/** The answers that a session begins with: empty ones, or as far as another router brought them. */
record FirstAnswers(SessionFacts facts) {

    List<Answer> of(Choices choices, int maxNewTokens) throws RequestRefused {
        var stopping = facts.request().stopping();
        var text = AnswerText.of(facts.model().vocabulary(), StopStrings.of(stopping.stops()));
        var empty = Answer.empty(text, new Answer.EndRule(Set.copyOf(facts.endIds()), choices,
                stopping.minNewTokens(), maxNewTokens));
        var given = facts.request()
                .resume()
                .map(ResumeWish::answers)
                .orElseGet(() -> Collections.nCopies(facts.answers(), List.of()));
        var answers = new ArrayList<Answer>();
        for (var ids : given)
            answers.add(longer(empty, ids, "resume.choices[" + answers.size() + "].token_ids"));
        return answers;
    }

    private Answer longer(Answer empty, List<Integer> ids, String field) throws RequestRefused {
        var answer = empty;
        for (int id : ids) {
            if (answer.isOver())
                throw new RequestRefused(new Failure.BadField(field,
                        ids.size() + " ids (expected: at most " + answer.log().size() + ", with which it is over)"));
            if (!facts.isInVocabulary(id))
                throw new RequestRefused(new Failure.BadField(field + "[" + answer.log().size() + "]",
                        Integer.toUnsignedString(id) + " (expected: below " + facts.model().config().text().vocab()
                                + ")"));
            answer = answer.accept(id).answer();
        }
        return answer;
    }
}
