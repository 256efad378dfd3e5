package sightline.deploy.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ports that this process has chosen and its children will bind, for as long as it lives: of two clusters that a user
 * starts at the same time, each takes ports of its own.
 */
final class PortClaims {
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"),
            "sightline-ports-" + System.getProperty("user.name"));

    private static final List<FileLock> HELD = new ArrayList<>(); // a lock ends with its channel, or with the process

    private PortClaims() {}

    /** Claims the port, unless somebody has. */
    static synchronized boolean claim(int port) {
        try {
            Files.createDirectories(DIRECTORY);
            var channel = FileChannel.open(DIRECTORY.resolve(Integer.toString(port)), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE);
            var lock = tryLock(channel);
            if (lock == null) {
                channel.close();
                return false;
            }
            HELD.add(lock);
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException("ports cannot be claimed in " + DIRECTORY, e);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null; // claimed by this process
        }
    }
}
