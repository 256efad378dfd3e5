package sightline.router.session;

import java.util.List;
import sightline.router.fleet.EncodeJob;
import sightline.router.prompt.EncodedPrompt;

/** A prompt in ids, its pictures by their keys, and the tokens that may follow. */
record PreparedPrompt(EncodedPrompt prompt, List<EncodeJob.Picture> pictures, int maxNewTokens) {

    PreparedPrompt {
        pictures = List.copyOf(pictures);
    }

    /** That the whole sequence may come to have. */
    int positions() {
        return prompt.positions() + maxNewTokens;
    }
}
