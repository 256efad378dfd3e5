package sightline.router.prompt;

import java.util.List;
import sightline.router.text.Ids;

/**
 * A prompt as a language model gets it: every position has an id, pictures' rows that of the image token.
 *
 * @param pictures the rows of each picture, in order
 */
public record EncodedPrompt(Ids ids, List<Rows> pictures) {

    /** Where a picture's rows begin, and how many there are. */
    public record Rows(int offset, int count) {
        public Rows {
            if (offset < 0 || count < 1)
                throw new IllegalArgumentException("rows: " + offset + "+" + count + " (expected: >= 0, >= 1)");
        }
    }

    public EncodedPrompt {
        if (ids.isEmpty())
            throw new IllegalArgumentException("ids: none (expected: at least one)");
        pictures = List.copyOf(pictures);
    }

    public int positions() {
        return ids.size();
    }

    public int imagePositions() {
        return pictures.stream().mapToInt(Rows::count).sum();
    }
}
