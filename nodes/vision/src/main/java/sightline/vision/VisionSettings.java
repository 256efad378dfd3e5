package sightline.vision;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Optional;

/**
 * The settings of a vision node.
 *
 * @param threads of LibTorch; absent: one for each core
 * @param maxWaiting pictures that are not encoded yet
 * @param maxLeases pictures that routers hold: waiting ones and tickets whose tokens were not fetched yet
 * @param leaseBytes of the projected tokens of all those together
 * @param maxBatch pictures that are encoded before messages are looked at again
 */
public record VisionSettings(Optional<Integer> threads, int preprocessThreads, int maxWaiting, int maxLeases,
        long leaseBytes, int maxBatch, long storeBytes, Duration retryAfter, Duration beatInterval,
        Duration routerSilence) {

    /** What one request may have, by default; a node that can never take its pictures together is of no use. */
    private static final int PICTURES_OF_A_REQUEST = 4;

    public VisionSettings {
        threads.ifPresent(count -> require(count >= 1, "threads", count, ">= 0"));
        require(preprocessThreads >= 1, "preprocess-threads", preprocessThreads, ">= 1");
        require(maxWaiting >= PICTURES_OF_A_REQUEST, "max-waiting", maxWaiting, ">= " + PICTURES_OF_A_REQUEST);
        require(maxLeases >= maxWaiting, "max-leases", maxLeases, ">= max-waiting");
        require(leaseBytes >= 1, "lease-memory", leaseBytes, ">= 1");
        require(maxBatch >= 1, "max-batch", maxBatch, ">= 1");
        require(storeBytes >= 0, "store-memory", storeBytes, ">= 0");
        require(beatInterval.isPositive(), "beat-interval", beatInterval, "over 0");
        require(routerSilence.compareTo(beatInterval) > 0, "router-silence", routerSilence, "over beat-interval");
    }

    /** Reads the section vision. */
    public static VisionSettings from(Config settings) {
        var vision = settings.getConfig("vision");
        int threads = vision.getInt("threads");
        return new VisionSettings(threads == 0 ? Optional.empty() : Optional.of(threads),
                vision.getInt("preprocess-threads"), vision.getInt("max-waiting"), vision.getInt("max-leases"),
                vision.getBytes("lease-memory"), vision.getInt("max-batch"), vision.getBytes("store-memory"),
                vision.getDuration("retry-after"),
                vision.getDuration("beat-interval"), vision.getDuration("router-silence"));
    }

    /**
     * How many pictures routers may hold: as many as there is memory for, but always those of one request.
     *
     * @param tokensBytes projected tokens of one picture, in bytes
     */
    int leases(long tokensBytes) {
        return (int) Math.min(maxLeases, Math.max(PICTURES_OF_A_REQUEST, leaseBytes / tokensBytes));
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException("vision." + key + ": " + value + " (expected: " + expected + ")");
        }
    }
}
