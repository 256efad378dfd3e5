package sightline.language.schedule;

import java.util.List;
import sightline.wire.Sha256;

/**
 * What stands in the prompt positions of one KV block: all that its keys and values depend on, besides the blocks before.
 *
 * @param ids one per position
 * @param images rows of images among them, in order
 */
public record PromptBlock(List<Integer> ids, List<ImagePart> images) {
    public PromptBlock {
        ids = List.copyOf(ids);
        images = List.copyOf(images);
    }

    /**
     * Some rows of an image.
     *
     * @param sha256 of the whole image's projected tokens
     * @param row of the image that comes first
     * @param at position within the block where it stands
     * @param count rows
     */
    public record ImagePart(Sha256 sha256, int row, int at, int count) {}
}
