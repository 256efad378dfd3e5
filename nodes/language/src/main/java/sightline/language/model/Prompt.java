package sightline.language.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What a sequence begins with; complete, and checked before it gets here. Immutable.
 */
public final class Prompt {
    private final int[] ids;
    private final List<ImageRows> images;

    /**
     * @param ids one per position; those of image rows are not looked up
     * @param images in order of offset, not overlapping
     */
    public Prompt(List<Integer> ids, List<ImageRows> images) {
        this.ids = ids.stream().mapToInt(Integer::intValue).toArray();
        this.images = List.copyOf(images);
        // The image token may lie beyond the vocabulary.
        images.forEach(image -> Arrays.fill(this.ids, image.offset(), image.end(), 0));
    }

    public int length() {
        return ids.length;
    }

    /** Ids of positions {@code from} to {@code to} (exclusive), as row numbers. */
    long[] rowNumbers(int from, int to) {
        return IntStream.range(from, to).mapToLong(position -> ids[position]).toArray();
    }

    List<ImageRows> images() {
        return images;
    }
}
