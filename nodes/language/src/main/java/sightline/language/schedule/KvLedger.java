package sightline.language.schedule;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Accounts for every KV block exactly once: what is reserved is never more than there is, and is given back once.
 *
 * <p>Immutable. Counts blocks; which rows lie in which is the store's.
 *
 * @param held blocks by the sequence that holds them
 */
public record KvLedger(int blockPositions, int totalBlocks, Map<SequenceId, Integer> held) {
    public KvLedger {
        held = Map.copyOf(held);
        if (blockPositions < 1) {
            throw new IllegalArgumentException("blockPositions: " + blockPositions + " (expected: >= 1)");
        }
        var used = held.values().stream().mapToInt(Integer::intValue).sum();
        if (used > totalBlocks) {
            throw new IllegalArgumentException("held: " + used + " blocks (expected: <= " + totalBlocks + ")");
        }
    }

    public static KvLedger empty(int blockPositions, int totalBlocks) {
        return new KvLedger(blockPositions, totalBlocks, Map.of());
    }

    public int usedBlocks() {
        return held.values().stream().mapToInt(Integer::intValue).sum();
    }

    int blocksFor(int positions) {
        return Math.ceilDiv(positions, blockPositions);
    }

    /** The ledger with blocks for {@code positions} given to the sequence, or nothing where too few are free. */
    Optional<KvLedger> reserve(SequenceId id, int positions) {
        if (held.containsKey(id)) {
            throw new IllegalStateException("blocks reserved twice: " + id);
        }
        var blocks = blocksFor(positions);
        return blocks <= totalBlocks - usedBlocks() ? Optional.of(with(id, blocks)) : Optional.empty();
    }

    KvLedger release(SequenceId id) {
        var rest = new HashMap<>(held);
        if (rest.remove(id) == null) {
            throw new IllegalStateException("blocks released that nobody holds: " + id);
        }
        return new KvLedger(blockPositions, totalBlocks, rest);
    }

    private KvLedger with(SequenceId id, int blocks) {
        var more = new HashMap<>(held);
        more.put(id, blocks);
        return new KvLedger(blockPositions, totalBlocks, more);
    }
}
