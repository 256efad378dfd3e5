package sightline.router.session;

import java.util.List;
import sightline.router.fleet.EncodeJob;
import sightline.router.prompt.EncodedPrompt;
import sightline.wire.Choices;

/**
 * A prompt in ids, its pictures by their keys, and what may follow.
 *
 * @param answers as they begin: empty, or as far as another router brought them
 */
record PreparedPrompt(EncodedPrompt prompt, List<EncodeJob.Picture> pictures, Choices choices, int maxNewTokens,
        List<Answer> answers) {

    PreparedPrompt {
        pictures = List.copyOf(pictures);
        answers = List.copyOf(answers);
    }

    /** That the whole sequence may come to have. */
    int positions() {
        return prompt.positions() + maxNewTokens;
    }
}
