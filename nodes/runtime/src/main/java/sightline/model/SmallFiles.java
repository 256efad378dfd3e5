package sightline.model;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/** The small files of a checkpoint by their name in its directory: all that a router needs to know a model. */
public final class SmallFiles {
    /** Gemma's tokenizer.json has 18 to 34 MB; everything else is far smaller. */
    public static final long MAX_TOTAL_BYTES = 128L << 20;

    private final SortedMap<String, byte[]> files;

    private SmallFiles(SortedMap<String, byte[]> files) {
        this.files = files;
    }

    /** Takes the contents over: they must not change afterwards. */
    public static SmallFiles of(Map<String, byte[]> files) {
        return new SmallFiles(new TreeMap<>(files));
    }

    /** In alphabetical order. */
    public SequencedSet<String> names() {
        return new TreeSet<>(files.keySet());
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(files.get(name)).map(b -> new String(b, StandardCharsets.UTF_8));
    }

    /** A read-only view of a file that is there. */
    public ByteBuffer content(String name) {
        var content = files.get(name);
        if (content == null)
            throw new IllegalArgumentException("name: " + name + " (expected: one of " + files.keySet() + ")");
        return ByteBuffer.wrap(content).asReadOnlyBuffer();
    }
}
