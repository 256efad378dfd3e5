package sightline.model;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * One tensor as it lies in its file.
 *
 * @param name canonical, see {@link TensorNames}
 * @param bytes read-only, row by row, little-endian, aligned to an element; lives as long as its {@link Weights}, or
 *        until {@link Weights#release}
 */
public record StoredTensor(String name, StoredType type, List<Long> shape, MemorySegment bytes) {
    public StoredTensor {
        shape = List.copyOf(shape);
    }
}
