package sightline.language.kv;

import sightline.torch.Attention;
import sightline.torch.DType;

/** What one position's keys and values take in all layers together. */
public record KvShape(int layers, int kvHeads, int headDim, DType dtype) {
    /** Positions of a block: the step by which a decode call reads more KV, so that no call reads part of a block. */
    public static final int BLOCK_POSITIONS = Attention.DECODE_KV_STEP;

    private static final int KEYS_AND_VALUES = 2;

    /** Bytes of a block, all layers. */
    public long blockBytes() {
        return (long) BLOCK_POSITIONS * layers * KEYS_AND_VALUES * kvHeads * headDim * dtype.bytes();
    }

    /**
     * The blocks that fit into this much memory.
     *
     * @throws IllegalArgumentException if not even one fits
     */
    public int blocksWithin(long memoryBytes) {
        if (memoryBytes < blockBytes()) {
            throw new IllegalArgumentException(
                    "memory: " + memoryBytes + " bytes (expected: at least one block of " + blockBytes() + ")");
        }
        return Math.toIntExact(Math.min(memoryBytes / blockBytes(), Integer.MAX_VALUE / BLOCK_POSITIONS));
    }
}
