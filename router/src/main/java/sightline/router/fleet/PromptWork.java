package sightline.router.fleet;

import java.util.List;
import sightline.router.prompt.EncodedPrompt;
import sightline.wire.ImageKey;

/**
 * How much a replica has to do for an answer.
 *
 * @param positions that it has to read, of prompt and answer so far, unless it remembers some of them
 * @param answerTokens that it may generate at most
 * @param beginnings what the prompt begins with, as a replica may remember it: for each whole block of positions a hash
 *        of all positions up to its end, where a picture's rows count by what picture it is
 */
public record PromptWork(int positions, int answerTokens, List<Long> beginnings) {
    /** Positions of a block; replicas remember whole tiles of as many, or of more. */
    static final int BLOCK = 32;

    private static final long PRIME = 0x100000001b3L;

    public PromptWork {
        beginnings = List.copyOf(beginnings);
    }

    /**
     * The work of a prompt.
     *
     * @param pictures one for each stretch of rows in the prompt
     * @param answered tokens that were generated elsewhere and have to be read again
     */
    public static PromptWork of(EncodedPrompt prompt, List<ImageKey> pictures, int answered, int answerTokens) {
        long[] content = content(prompt, pictures);
        int blocks = (content.length - 1) / BLOCK; // the last position is read in any case
        var beginnings = new Long[blocks];
        long hash = 0xcbf29ce484222325L;
        for (int position = 0; position < blocks * BLOCK; position++) {
            hash = mix(hash, content[position]);
            if (position % BLOCK == BLOCK - 1)
                beginnings[position / BLOCK] = hash;
        }
        return new PromptWork(prompt.positions() + answered, answerTokens, List.of(beginnings));
    }

    private static long[] content(EncodedPrompt prompt, List<ImageKey> pictures) {
        int[] ids = prompt.ids().toArray();
        var content = new long[ids.length];
        for (int i = 0; i < ids.length; i++)
            content[i] = ids[i];
        for (int i = 0; i < pictures.size(); i++) {
            var rows = prompt.pictures().get(i);
            for (int row = 0; row < rows.count(); row++)
                content[rows.offset() + row] = mix(pictures.get(i).hashCode(), row + 1L);
        }
        return content;
    }

    private static long mix(long hash, long value) {
        long mixed = (hash ^ value) * PRIME;
        return mixed ^ (mixed >>> 29);
    }
}
