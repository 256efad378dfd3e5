package sightline.router.fleet;

import com.google.protobuf.ByteString;
import sightline.model.LlavaConfig;
import sightline.router.prompt.PromptEncoder;
import sightline.router.text.Vocabulary;
import sightline.stage.v1.ServedModel;
import sightline.wire.ImageKey;
import sightline.wire.Sha256;

/**
 * All that a router knows of a model, learned from a node that serves it.
 *
 * @param card as the node describes it
 */
public record LearnedModel(ServedModel card, LlavaConfig config, PromptEncoder prompts, Vocabulary vocabulary)
        implements
            AutoCloseable {

    public String name() {
        return card.getName();
    }

    /** Hex SHA-256. */
    public String digest() {
        return card.getDigest();
    }

    /** Names what this model's vision stage makes of a picture file. */
    public ImageKey imageKey(ByteString picture) {
        return ImageKey.of(Sha256.of(picture), new Sha256(card.getPreprocessingDigest()), new Sha256(digest()));
    }

    @Override
    public void close() {
        prompts.close();
    }
}
