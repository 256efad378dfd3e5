package sightline.torch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rounded weights of one model on disk, a file each; a file that is damaged, of another shape or of another program is
 * reported, is as good as none, and is written anew.
 *
 * <p>Several processes may use one directory: a file appears under its name only when it is written. A cache that cannot
 * be written is reported and otherwise does without. All models together stay within a bound ({@link CacheRoom}).
 */
public final class WeightCache {
    /*
     * A file: magic, out, in, CRC-32C of all that follows and of the weight's name (8 bytes each, little-endian), scales
     * [out] float32, values [out, in] int8. Another way to round is another magic.
     */
    private static final long MAGIC = 0x31_38_54_4e_49_4c_53L;
    private static final ValueLayout.OfLong FIELD = ValueLayout.JAVA_LONG;
    private static final long HEADER_BYTES = 4 * FIELD.byteSize();

    private final Path directory;
    private final Consumer<String> reports;
    private final CacheRoom room;
    private final AtomicBoolean rounding = new AtomicBoolean();
    private final AtomicBoolean full = new AtomicBoolean();

    /**
     * A place for one model below a directory of the user's.
     *
     * @param digest of the model, hexadecimal
     * @param mostBytes of all models in the directory
     * @param reports told, in words, when weights must be rounded, why a file could not be used or written, and what was
     *        removed to make room
     */
    public WeightCache(Path root, String digest, long mostBytes, Consumer<String> reports) {
        if (!digest.matches("[0-9a-f]{16,}")) {
            throw new IllegalArgumentException("digest: " + digest + " (expected: 16 hexadecimal digits or more)");
        }
        this.directory = root.resolve("int8").resolve(digest);
        this.room = new CacheRoom(directory, mostBytes, reports);
        this.reports = reports;
    }

    /** {@code $XDG_CACHE_HOME/sightline}, by default {@code ~/.cache/sightline}. */
    // https://specifications.freedesktop.org/basedir/0.8/: the variable counts only where its path is absolute.
    static Path userDirectory(Map<String, String> environment, Path home) {
        String named = environment.getOrDefault("XDG_CACHE_HOME", "");
        return (named.startsWith("/") ? Path.of(named) : home.resolve(".cache")).resolve("sightline");
    }

    /**
     * The place that a setting names: {@code auto} is the user's directory, {@code none} is none.
     *
     * @param digest of the model, hexadecimal
     * @param mostBytes of all models in it
     */
    public static Optional<WeightCache> named(String setting, String digest, long mostBytes, Consumer<String> reports) {
        return switch (setting) {
            case "none" -> Optional.empty();
            case "auto" -> {
                var user = userDirectory(System.getenv(), Path.of(System.getProperty("user.home")));
                yield Optional.of(new WeightCache(user, digest, mostBytes, reports));
            }
            default -> Optional.of(new WeightCache(Path.of(setting), digest, mostBytes, reports));
        };
    }

    /** What was kept under this name, as copies in the present scope. */
    Optional<Int8Weight> find(String name, long out, long in) {
        try (Arena arena = Arena.ofConfined(); FileChannel channel = FileChannel.open(file(name))) {
            Optional<Int8Weight> found = read(channel, arena, name, out, in);
            if (found.isPresent()) {
                claim();
            } else {
                reports.accept(name + ": damaged or of another kind, and rounded anew: " + file(name));
                Files.deleteIfExists(file(name));
            }
            return found;
        } catch (NoSuchFileException _) {
            if (!rounding.getAndSet(true)) {
                reports.accept("weights are rounded to 8 bits, and kept for the next start in " + directory);
            }
            return Optional.empty();
        } catch (IOException e) {
            reports.accept(name + ": cannot be read, and rounded anew: " + e);
            return Optional.empty();
        }
    }

    private static Optional<Int8Weight> read(FileChannel channel, Arena arena, String name, long out, long in)
            throws IOException {
        long scaleBytes = out * Float.BYTES;
        if (channel.size() != HEADER_BYTES + scaleBytes + out * in) {
            return Optional.empty();
        }
        MemorySegment bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        MemorySegment body = bytes.asSlice(HEADER_BYTES);
        if (!isHeader(bytes, out, in, checksum(name, body))) {
            return Optional.empty();
        }
        return Optional.of(new Int8Weight(Tensor.copyOf(body.asSlice(scaleBytes), ScalarType.Char, out, in),
                Tensor.copyOf(body.asSlice(0, scaleBytes), ScalarType.Float, out)));
    }

    /** From a directory that cannot be written it is read all the same: nobody can remove it there either. */
    private void claim() {
        try {
            room.claim();
        } catch (IOException e) {
            reports.accept("cannot be claimed: " + directory + ": " + e);
        }
    }

    void keep(String name, Int8Weight weight) {
        try {
            room.claim();
            if (!room.makeFor(
                    HEADER_BYTES + weight.scales().memory().byteSize() + weight.values().memory().byteSize())) {
                if (!full.getAndSet(true)) {
                    reports.accept(name + " and what follows: no room in " + directory.getParent());
                }
                return;
            }
            Files.createDirectories(directory); // another process may have removed it before it was claimed
            Path whole = Files.createTempFile(directory, "", ".part");
            try {
                write(whole, name, weight);
                Files.move(whole, file(name), StandardCopyOption.ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(whole);
            }
        } catch (IOException | UncheckedIOException e) {
            reports.accept(name + ": not kept in " + directory + ": " + e);
        }
    }

    // Not through a mapping: on a full disk that ends the process instead of throwing.
    private static void write(Path file, String name, Int8Weight weight) throws IOException {
        try (Arena arena = Arena.ofConfined();
                FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            MemorySegment header = arena.allocate(HEADER_BYTES, FIELD.byteAlignment());
            header.set(FIELD, 0, MAGIC);
            header.set(FIELD, FIELD.byteSize(), weight.values().size(0));
            header.set(FIELD, 2 * FIELD.byteSize(), weight.values().size(1));
            header.set(FIELD, 3 * FIELD.byteSize(),
                    checksum(name, weight.scales().memory(), weight.values().memory()));
            for (MemorySegment part : List.of(header, weight.scales().memory(), weight.values().memory())) {
                write(channel, part);
            }
        }
    }

    private static void write(FileChannel channel, MemorySegment bytes) throws IOException {
        for (ByteBuffer part : parts(bytes)) {
            while (part.hasRemaining()) {
                channel.write(part);
            }
        }
    }

    private static boolean isHeader(MemorySegment bytes, long out, long in, long checksum) {
        return bytes.get(FIELD, 0) == MAGIC && bytes.get(FIELD, FIELD.byteSize()) == out
                && bytes.get(FIELD, 2 * FIELD.byteSize()) == in && bytes.get(FIELD, 3 * FIELD.byteSize()) == checksum;
    }

    private static long checksum(String name, MemorySegment... bodies) {
        CRC32C sum = new CRC32C();
        sum.update(name.getBytes(StandardCharsets.UTF_8));
        for (MemorySegment body : bodies) {
            parts(body).forEach(sum::update);
        }
        return sum.getValue();
    }

    /** A buffer holds 2 GiB at most. */
    private static List<ByteBuffer> parts(MemorySegment bytes) {
        long most = 1 << 30;
        return LongStream.range(0, Math.ceilDiv(bytes.byteSize(), most))
                .mapToObj(i -> bytes.asSlice(i * most, Math.min(most, bytes.byteSize() - i * most)).asByteBuffer())
                .toList();
    }

    private Path file(String name) {
        return directory.resolve(
                HexFormat.of().formatHex(Sha256.start().digest(name.getBytes(StandardCharsets.UTF_8))) + ".q8");
    }
}
