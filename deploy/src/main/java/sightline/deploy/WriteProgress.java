package sightline.deploy;

import java.io.PrintStream;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;

/** Says how far a long write has come, a line for each tenth. Safe on several threads. */
final class WriteProgress implements LongConsumer {

    private static final int TENTHS = 10;

    private final long totalBytes;
    private final PrintStream out;
    private final AtomicLong writtenBytes = new AtomicLong();

    WriteProgress(long totalBytes, PrintStream out) {
        this.totalBytes = totalBytes;
        this.out = out;
    }

    @Override
    public void accept(long bytes) {
        long after = writtenBytes.addAndGet(bytes);
        long tenth = after * TENTHS / totalBytes;
        if (tenth > (after - bytes) * TENTHS / totalBytes) {
            out.printf("%3d %% of %.1f GB written%n", tenth * TENTHS, totalBytes / 1e9);
        }
    }
}
