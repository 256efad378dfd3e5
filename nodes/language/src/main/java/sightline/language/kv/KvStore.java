package sightline.language.kv;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import sightline.language.schedule.SequenceId;
import sightline.torch.TensorScope;

/**
 * Holds memory for exactly the sequences that reserved it, from reservation to release, and for the blocks that are kept
 * beyond their sequence.
 *
 * <p>A sequence's blocks lie one after the other in each layer, so that attention reads them in place; what is kept or
 * recalled is copied, which takes milliseconds where reading the prompt again takes seconds. Memory is taken when blocks
 * are reserved, not when the store is made. Lives on the thread of the model.
 */
public final class KvStore implements AutoCloseable {
    private final KvShape shape;
    private final Map<SequenceId, List<KvLayer>> areas = new HashMap<>();
    private final Map<Long, List<KvLayer>> kept = new HashMap<>();

    public KvStore(KvShape shape) {
        this.shape = shape;
    }

    /** Carries a change out. */
    public void change(KvChange change) {
        switch (change) {
            case KvChange.Reserve(var id, var blocks) -> reserve(id, blocks);
            case KvChange.Grow(var id, var blocks) -> grow(id, blocks);
            case KvChange.Release(var id) -> release(id);
            case KvChange.Keep(var id, var index, var number) -> keep(id, index, number);
            case KvChange.Recall(var id, var numbers) -> recall(id, numbers);
            case KvChange.Drop(var number) -> drop(number);
        }
    }

    /** Takes zeroed memory for this many blocks. */
    void reserve(SequenceId id, int blocks) {
        if (areas.containsKey(id)) {
            throw new IllegalStateException("KV reserved twice: " + id);
        }
        areas.put(id, zeros(blocks));
    }

    /**
     * Takes memory for more blocks, keeping what is written.
     *
     * @param blocks of the sequence from now on
     */
    void grow(SequenceId id, int blocks) {
        var before = of(id);
        var larger = zeros(blocks);
        try (TensorScope _ = TensorScope.open()) {
            for (int i = 0; i < larger.size(); i++) {
                larger.get(i).copyFrom(before.get(i), 0, 0, before.get(i).positions());
            }
        }
        areas.put(id, larger);
        before.forEach(KvLayer::close);
    }

    /**
     * Keeps a copy of one block of a sequence.
     *
     * @param number under which it can be recalled
     */
    void keep(SequenceId id, int index, long number) {
        copy(of(id), index, kept.computeIfAbsent(number, _ -> zeros(1)), 0);
    }

    /** Copies kept blocks to the beginning of a sequence. */
    void recall(SequenceId id, List<Long> numbers) {
        for (int i = 0; i < numbers.size(); i++) {
            copy(held(numbers.get(i)), 0, of(id), i);
        }
    }

    /** Frees a kept block. */
    void drop(long number) {
        held(number).forEach(KvLayer::close);
        kept.remove(number);
    }

    /** Frees the sequence's memory at once. */
    void release(SequenceId id) {
        var area = areas.remove(id);
        if (area == null) {
            throw new IllegalStateException("KV released that nobody holds: " + id);
        }
        area.forEach(KvLayer::close);
    }

    /** The layers of a sequence, first to last. */
    public List<KvLayer> of(SequenceId id) {
        var area = areas.get(id);
        if (area == null) {
            throw new IllegalStateException("no KV reserved: " + id);
        }
        return area;
    }

    @Override
    public void close() {
        areas.values().forEach(area -> area.forEach(KvLayer::close));
        areas.clear();
        kept.values().forEach(block -> block.forEach(KvLayer::close));
        kept.clear();
    }

    private List<KvLayer> held(long number) {
        var block = kept.get(number);
        if (block == null) {
            throw new IllegalStateException("no block kept: " + number);
        }
        return block;
    }

    private List<KvLayer> zeros(int blocks) {
        long positions = (long) blocks * KvShape.BLOCK_POSITIONS;
        return IntStream.range(0, shape.layers()).mapToObj(_ -> KvLayer.zeros(shape, positions)).toList();
    }

    private static void copy(List<KvLayer> from, int fromBlock, List<KvLayer> to, int toBlock) {
        try (TensorScope _ = TensorScope.open()) {
            for (int i = 0; i < from.size(); i++) {
                to.get(i)
                        .copyFrom(from.get(i), (long) fromBlock * KvShape.BLOCK_POSITIONS,
                                (long) toBlock * KvShape.BLOCK_POSITIONS, KvShape.BLOCK_POSITIONS);
            }
        }
    }
}
