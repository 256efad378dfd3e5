package sightline.language.kv;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import sightline.language.schedule.SequenceId;

/**
 * Holds memory for exactly the sequences that reserved it, from reservation to release.
 *
 * <p>A sequence's blocks lie one after the other in each layer. Memory is taken when blocks are reserved, not when the
 * store is made. Lives on the thread of the model.
 */
public final class KvStore implements AutoCloseable {
    private final KvShape shape;
    private final Map<SequenceId, List<KvLayer>> areas = new HashMap<>();

    public KvStore(KvShape shape) {
        this.shape = shape;
    }

    /** Takes zeroed memory for this many blocks. */
    public void reserve(SequenceId id, int blocks) {
        if (areas.containsKey(id)) {
            throw new IllegalStateException("KV reserved twice: " + id);
        }
        long positions = (long) blocks * KvShape.BLOCK_POSITIONS;
        areas.put(id, IntStream.range(0, shape.layers()).mapToObj(_ -> KvLayer.zeros(shape, positions)).toList());
    }

    /** Frees the sequence's memory at once. */
    public void release(SequenceId id) {
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
    }
}
