package sightline.language.schedule;

import java.util.HashMap;
import java.util.Map;

/**
 * Accounts for every KV block exactly once: held by a sequence, kept for a prompt to come, or free.
 *
 * <p>Immutable. Counts blocks; which rows lie in which is the store's.
 *
 * @param held blocks by the sequence that holds them
 * @param kept blocks that outlived their sequence; dropped whenever a sequence needs their room
 */
public record KvLedger(int blockPositions, int totalBlocks, Map<SequenceId, Integer> held, PrefixCache kept) {
    public KvLedger {
        held = Map.copyOf(held);
        if (blockPositions < 1) {
            throw new IllegalArgumentException("blockPositions: " + blockPositions + " (expected: >= 1)");
        }
        int taken = sum(held) + kept.size();
        if (taken > totalBlocks) {
            throw new IllegalArgumentException("taken: " + taken + " blocks (expected: <= " + totalBlocks + ")");
        }
    }

    public static KvLedger empty(int blockPositions, int totalBlocks) {
        return new KvLedger(blockPositions, totalBlocks, Map.of(), PrefixCache.empty());
    }

    /** Blocks that sequences hold. */
    public int usedBlocks() {
        return sum(held);
    }

    /** Blocks that are kept for prompts to come. */
    public int keptBlocks() {
        return kept.size();
    }

    int freeBlocks() {
        return totalBlocks - usedBlocks() - kept.size();
    }

    int blocksFor(int positions) {
        return Math.ceilDiv(positions, blockPositions);
    }

    int heldBy(SequenceId id) {
        return held.getOrDefault(id, 0);
    }

    /** The sequence holds so many blocks from now on, no fewer than before. */
    KvLedger hold(SequenceId id, int blocks) {
        if (blocks <= heldBy(id)) {
            throw new IllegalStateException(id + ": " + blocks + " blocks (expected: more than " + heldBy(id) + ")");
        }
        var more = new HashMap<>(held);
        more.put(id, blocks);
        return new KvLedger(blockPositions, totalBlocks, more, kept);
    }

    KvLedger release(SequenceId id) {
        var rest = new HashMap<>(held);
        if (rest.remove(id) == null) {
            throw new IllegalStateException("blocks released that nobody holds: " + id);
        }
        return new KvLedger(blockPositions, totalBlocks, rest, kept);
    }

    KvLedger keeping(PrefixCache now) {
        return new KvLedger(blockPositions, totalBlocks, held, now);
    }

    private static int sum(Map<SequenceId, Integer> blocks) {
        return blocks.values().stream().mapToInt(Integer::intValue).sum();
    }
}
