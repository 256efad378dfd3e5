package sightline.router.session;

import java.util.List;
import sightline.router.fleet.EncodeJob;
import sightline.router.prompt.EncodedPrompt;
import sightline.wire.Choices;

/** A prompt in ids, its pictures by their keys, and what may follow. */
record PreparedPrompt(EncodedPrompt prompt, List<EncodeJob.Picture> pictures, Choices choices, int maxNewTokens) {

    PreparedPrompt {
        pictures = List.copyOf(pictures);
    }

    /** That the whole sequence may come to have. */
    int positions() {
        return prompt.positions() + maxNewTokens;
    }
}
