package sightline.torch;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Keeps the models of a {@link WeightCache} within a bound: those that were used longest ago are removed, none that a process
 * uses.
 *
 * <p>A model is a directory, and used as long as some process has a lock on the file of its name beside it, which is as long as
 * that process lives.
 */
final class CacheRoom {
    private static final Duration WRITTEN_BY_THEN = Duration.ofHours(1);

    /** What this process uses, by directory. A second channel on a file would, when closed, take the lock of the first. */
    private static final Map<Path, FileChannel> CLAIMED = new ConcurrentHashMap<>();

    private final Path own;
    private final long mostBytes;
    private final Consumer<String> reports;

    private record Model(Path directory, FileTime used) {}

    /** @param own the directory of the model that this process loads */
    CacheRoom(Path own, long mostBytes, Consumer<String> reports) {
        this.own = own.toAbsolutePath();
        this.mostBytes = mostBytes;
        this.reports = reports;
    }

    /** Says that the model is used, from now until the process ends. */
    void claim() throws IOException {
        synchronized (CLAIMED) {
            if (!CLAIMED.containsKey(own)) {
                Files.createDirectories(own);
                var channel = open(own);
                Files.setLastModifiedTime(lockOf(own), FileTime.from(Instant.now())); // this too closes a channel
                channel.lock(0, Long.MAX_VALUE, true);
                CLAIMED.put(own, channel);
            }
        }
    }

    /** Removes what others left half written and, where there is no room, models; whether there is room then. */
    boolean makeFor(long bytes) throws IOException {
        List<Model> models = models();
        long taken = bytes;
        for (Model model : models) {
            removeUnfinished(model.directory());
            taken += bytesOf(model.directory());
        }
        for (Model model : models) {
            if (taken > mostBytes && !CLAIMED.containsKey(model.directory())) {
                taken -= remove(model);
            }
        }
        return taken <= mostBytes;
    }

    /** Those first that were used longest ago. */
    private List<Model> models() throws IOException {
        try (Stream<Path> all = Files.list(own.getParent())) {
            return all.filter(Files::isDirectory)
                    .map(directory -> new Model(directory, used(directory)))
                    .sorted(Comparator.comparing(Model::used))
                    .toList();
        }
    }

    private static FileTime used(Path model) {
        var lock = lockOf(model);
        try {
            return Files.getLastModifiedTime(Files.exists(lock) ? lock : model);
        } catch (IOException _) {
            return FileTime.fromMillis(0); // removed meanwhile by another process
        }
    }

    private static Path lockOf(Path model) {
        return model.resolveSibling(model.getFileName() + ".lock");
    }

    private static FileChannel open(Path model) throws IOException {
        return FileChannel.open(lockOf(model), StandardOpenOption.CREATE, StandardOpenOption.READ,
                StandardOpenOption.WRITE);
    }

    private static void removeUnfinished(Path model) throws IOException {
        var before = FileTime.from(Instant.now().minus(WRITTEN_BY_THEN));
        for (Path file : files(model)) {
            if (file.toString().endsWith(".part") && used(file).compareTo(before) < 0) {
                Files.deleteIfExists(file);
            }
        }
    }

    /** @return the bytes that are free now, none where a process uses the model */
    private long remove(Model model) throws IOException {
        Path directory = model.directory();
        try (FileChannel channel = open(directory)) {
            if (channel.tryLock() == null) {
                return 0;
            }
            long bytes = bytesOf(directory);
            for (Path file : files(directory)) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory); // its lock stays: another process may be waiting for it
            reports.accept("made room: removed " + directory + ", " + bytes + " bytes, used last at " + model.used());
            return bytes;
        }
    }

    private static long bytesOf(Path model) throws IOException {
        long bytes = 0;
        for (Path file : files(model)) {
            bytes += sizeOf(file);
        }
        return bytes;
    }

    private static long sizeOf(Path file) throws IOException {
        try {
            return Files.size(file);
        } catch (NoSuchFileException _) {
            return 0; // another process has just given it its name, or removed it
        }
    }

    private static List<Path> files(Path model) throws IOException {
        try (Stream<Path> files = Files.list(model)) {
            return files.toList();
        } catch (NoSuchFileException _) {
            return List.of();
        }
    }
}
