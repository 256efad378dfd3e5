package sightline.language.model;

import sightline.language.kv.KvShape;

/**
 * How large may be what a stage is asked for.
 *
 * @param rowBytes of one hidden row
 * @param positions that it knows of, of any sequence
 * @param kvBlocks that it has memory for
 */
public record StageSizes(int rowBytes, int positions, int kvBlocks) {
    /** Rows of a batch: each is remembered in a place of its own, and a message's bytes are counted in an int. */
    public int mostRows() {
        return (int) Math.min((long) kvBlocks * KvShape.BLOCK_POSITIONS, Integer.MAX_VALUE / rowBytes);
    }
}
