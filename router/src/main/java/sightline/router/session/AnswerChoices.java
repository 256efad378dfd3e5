package sightline.router.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import sightline.router.fleet.LearnedModel;
import sightline.router.prompt.RequestRefused;
import sightline.router.text.AnswerText;
import sightline.router.text.StopStrings;
import sightline.wire.Choices;
import sightline.wire.Failure;

/**
 * Turns the strings of which an answer has to be one into ids whose text, as a client gets it, is exactly that string.
 */
record AnswerChoices(LearnedModel model) {
    Choices encode(List<String> strings) throws RequestRefused {
        var answers = new ArrayList<List<Integer>>();
        for (int i = 0; i < strings.size(); i++)
            answers.add(ids("sampling.choices[" + i + "]", strings.get(i)));
        var choices = new Choices(answers);
        if (choices.needEndToken() && model.config().generation().endIds().isEmpty())
            throw new RequestRefused(new Failure.BadField("sampling.choices",
                    "one begins another (expected: none does, as the model has no end token)"));
        return choices;
    }

    /** Tokenizers treat a text's beginning in their own ways, so what comes back decides. */
    private List<Integer> ids(String field, String text) throws RequestRefused {
        int[] given = model.prompts()
                .encodings(text)
                .filter(ids -> decoded(ids).equals(text))
                .findFirst()
                .orElseThrow(() -> new RequestRefused(new Failure.BadField(field,
                        "a string that the tokenizer does not give back (expected: one that it does)")));
        return Arrays.stream(given).boxed().toList();
    }

    private String decoded(int[] ids) {
        var answer = AnswerText.of(model.vocabulary(), StopStrings.of(List.of()));
        var text = new StringBuilder();
        for (int id : ids) {
            var progress = answer.pass(id);
            text.append(progress.text());
            answer = progress.next();
        }
        return text + answer.end().text();
    }
}
