package sightline.torch;

import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinTask;
import java.util.stream.IntStream;

/**
 * Spreads passes over rows that plain Java makes over as many threads as LibTorch has; the bits are the same for any
 * number of them, since every row is computed by itself.
 */
final class RowThreads {
    /** Below it a pass takes less time (a tenth of a nanosecond a number and more) than waking a thread does. */
    private static final long SHARED_FROM_NUMBERS = 1 << 18;

    private final int threads;
    private final ForkJoinPool pool;

    RowThreads(int threads) {
        this.threads = threads;
        this.pool = new ForkJoinPool(Math.max(1, threads - 1));
    }

    /** What is done to rows from, inclusive, to, exclusive. */
    @FunctionalInterface
    interface Pass {
        void over(int from, int to);
    }

    /** Runs the pass over all rows and returns when it is done. */
    void run(int rows, long numbersPerRow, Pass pass) {
        int parts = rows * numbersPerRow < SHARED_FROM_NUMBERS ? 1 : Math.min(threads, rows);
        var others = IntStream.range(1, parts)
                .<ForkJoinTask<?>>mapToObj(part -> pool.submit(() -> pass.over(bound(rows, part, parts),
                        bound(rows, part + 1, parts))))
                .toList();
        pass.over(0, bound(rows, 1, parts));
        others.forEach(ForkJoinTask::join);
    }

    private static int bound(int rows, int part, int parts) {
        return Math.toIntExact((long) rows * part / parts);
    }
}
