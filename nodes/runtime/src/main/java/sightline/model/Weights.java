package sightline.model;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;
import java.util.SequencedSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The tensors of one stage, each mapped read-only when it is asked for, and unmapped when it is released.
 *
 * <p>Nothing may read a tensor's bytes after its release or after {@link #close}. For one thread; the bytes may be read
 * from any.
 */
public final class Weights implements AutoCloseable {
    private final SortedMap<String, StoredWeights.Place> places;
    private final Map<String, Arena> mapped = new HashMap<>();

    private Weights(SortedMap<String, StoredWeights.Place> places) {
        this.places = places;
    }

    static Weights of(StoredWeights stored, StagePart part) {
        var places = new TreeMap<>(stored.places());
        places.keySet().removeIf(name -> StagePart.of(name) != part);
        return new Weights(places);
    }

    /** Canonical names, in alphabetical order. */
    public SequencedSet<String> names() {
        return new TreeSet<>(places.keySet());
    }

    public boolean has(String canonicalName) {
        return places.containsKey(canonicalName);
    }

    /**
     * Maps a tensor that is there.
     *
     * @throws ModelProblem when its file has changed or gone since it was checked
     */
    public StoredTensor get(String canonicalName) throws ModelProblem {
        var place = places.get(canonicalName);
        if (place == null)
            throw new IllegalArgumentException("tensor: " + canonicalName + " (expected: one of this stage)");
        if (mapped.containsKey(canonicalName))
            throw new IllegalStateException("tensor: " + canonicalName + " (expected: not mapped already)");
        @SuppressWarnings("MustBeClosedChecker") // closed by release or close
        var arena = Arena.ofShared();
        try {
            var bytes = map(place, arena);
            mapped.put(canonicalName, arena);
            return new StoredTensor(canonicalName, place.type(), place.entry().shape(), bytes);
        } catch (IOException e) {
            arena.close();
            throw new ModelProblem(place.file().name() + ": cannot be mapped: " + e.getMessage());
        }
    }

    /** Unmaps one tensor. */
    public void release(StoredTensor tensor) {
        var arena = mapped.remove(tensor.name());
        if (arena != null)
            arena.close();
    }

    @Override
    public void close() {
        mapped.values().forEach(Arena::close);
        mapped.clear();
    }

    private static MemorySegment map(StoredWeights.Place place, Arena arena) throws IOException {
        try (var channel = FileChannel.open(place.file().path(), StandardOpenOption.READ)) {
            long size = place.entry().bytes();
            if (channel.size() < place.offset() + size)
                throw new IOException("the file was cut short");
            var segment = channel.map(MapMode.READ_ONLY, place.offset(), size, arena);
            return segment.address() % place.type().bytes() == 0 ? segment : aligned(segment, place.type(), arena);
        }
    }

    /** A header may end anywhere; kernels want elements at their natural address. */
    private static MemorySegment aligned(MemorySegment segment, StoredType type, Arena arena) {
        return arena.allocate(segment.byteSize(), type.bytes()).copyFrom(segment).asReadOnly();
    }
}
