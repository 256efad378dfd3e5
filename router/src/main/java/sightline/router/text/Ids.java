package sightline.router.text;

import java.util.Arrays;

/**
 * An immutable sequence of ids to which one more can be appended in constant time.
 *
 * <p>Appending to the newest sequence writes into storage that its predecessors share but do not look at; appending to
 * an older one copies first. Not for use by several threads at once.
 */
public final class Ids {
    private static final int FIRST_CAPACITY = 16;

    /** {@code used} is the length of the longest sequence that looks at {@code values}. */
    private static final class Storage {
        private int[] values;
        private int used;

        private Storage(int[] values, int used) {
            this.values = values;
            this.used = used;
        }
    }

    private final Storage storage;
    private final int size;

    private Ids(Storage storage, int size) {
        this.storage = storage;
        this.size = size;
    }

    public static Ids empty() {
        return new Ids(new Storage(new int[FIRST_CAPACITY], 0), 0);
    }

    public Ids append(int id) {
        var target = storage.used == size ? storage : new Storage(Arrays.copyOf(storage.values, size + 1), size);
        if (target.values.length == size)
            target.values = Arrays.copyOf(target.values, 2 * size);
        target.values[size] = id;
        target.used = size + 1;
        return new Ids(target, size + 1);
    }

    public int size() {
        return size;
    }

    public boolean isEmpty() {
        return size == 0;
    }

    public int get(int index) {
        if (index < 0 || index >= size)
            throw new IndexOutOfBoundsException("index: " + index + " (expected: 0.." + (size - 1) + ")");
        return storage.values[index];
    }

    public int[] toArray() {
        return Arrays.copyOf(storage.values, size);
    }
}
