package sightline.language;

import sightline.model.ModelDirectory;
import sightline.wire.Sha256;

/**
 * What a request to this node must fit.
 *
 * @param imageTokenId stands in a prompt for every image row; may lie beyond the vocabulary
 * @param contextLength positions a sequence may have here
 */
record ServedShape(Sha256 modelDigest, int vocabulary, int hidden, int imageTokenId, int tokensPerImage,
        int contextLength) {

    /** @param contextLength what the model and the memory for KV allow */
    static ServedShape of(ModelDirectory model, int contextLength) {
        var config = model.config();
        return new ServedShape(model.digest(), config.text().vocab(), config.text().hidden(), config.imageTokenId(),
                config.tokensPerImage(), contextLength);
    }
}
