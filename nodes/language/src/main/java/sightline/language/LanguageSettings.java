package sightline.language;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Optional;
import sightline.language.schedule.Limits;

/**
 * The settings of a language node.
 *
 * @param threads absent: one for each core
 * @param kvBytes memory for keys and values
 * @param imageBytes memory for the projected tokens of all requests that the node knows of
 * @param fetchStalledAfter how long a call for projected tokens may bring nothing before the next endpoint is asked
 */
public record LanguageSettings(Optional<Integer> threads, long kvBytes, long imageBytes, int maxRunning, int maxWaiting,
        int promptTilesPerStep, int promptTilesBesideDecode, Duration retryAfter, Duration creditTimeout,
        Duration beatInterval,
        Duration routerSilence, Duration fetchStalledAfter) {
    private static final int MOST_RUNNING = 1_024;
    private static final int MOST_WAITING = 100_000;
    private static final int MOST_TILES = 1_024;
    private static final int NEWCOMERS = 16; // over the bound, so that the scheduler chooses who is refused
    private static final Duration PRIORITY_STEP = Duration.ofSeconds(10);

    public LanguageSettings {
        threads.ifPresent(count -> require(count >= 1, "threads", count, ">= 0"));
        require(kvBytes >= 1, "kv-memory", kvBytes, ">= 1 byte");
        require(imageBytes >= 1, "image-memory", imageBytes, ">= 1 byte");
        requireRange("max-running", maxRunning, 1, MOST_RUNNING);
        requireRange("max-waiting", maxWaiting, 0, MOST_WAITING);
        requireRange("prompt-tiles-per-step", promptTilesPerStep, 1, MOST_TILES);
        requireRange("prompt-tiles-beside-decode", promptTilesBesideDecode, 1, promptTilesPerStep);
        require(!retryAfter.isNegative(), "retry-after", retryAfter, ">= 0");
        require(creditTimeout.isPositive(), "credit-timeout", creditTimeout, "over 0");
        require(fetchStalledAfter.isPositive(), "fetch-stalled-after", fetchStalledAfter, "over 0");
        require(beatInterval.isPositive(), "beat-interval", beatInterval, "over 0");
        require(routerSilence.compareTo(beatInterval) > 0, "router-silence", routerSilence, "over beat-interval");
    }

    /** Reads the section language. */
    public static LanguageSettings from(Config settings) {
        var language = settings.getConfig("language");
        int threads = language.getInt("threads");
        return new LanguageSettings(threads == 0 ? Optional.empty() : Optional.of(threads),
                language.getBytes("kv-memory"), language.getBytes("image-memory"), language.getInt("max-running"),
                language.getInt("max-waiting"),
                language.getInt("prompt-tiles-per-step"), language.getInt("prompt-tiles-beside-decode"),
                language.getDuration("retry-after"),
                language.getDuration("credit-timeout"), language.getDuration("beat-interval"),
                language.getDuration("router-silence"), language.getDuration("fetch-stalled-after"));
    }

    /** Requests that the node knows of at a time, those included that are about to be refused. */
    int places() {
        return maxRunning + maxWaiting + NEWCOMERS;
    }

    /**
     * What the scheduler is held to.
     *
     * @param tileRows prompt positions of a tile
     * @param replayRows generated tokens of a tile
     */
    Limits limits(int tileRows, int replayRows) {
        return new Limits(maxRunning, maxWaiting, tileRows, promptTilesPerStep, promptTilesBesideDecode, replayRows,
                PRIORITY_STEP, creditTimeout, retryAfter);
    }

    private static void requireRange(String key, int value, int least, int most) {
        require(value >= least && value <= most, key, value, least + ".." + most);
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException("language." + key + ": " + value + " (expected: " + expected + ")");
        }
    }
}
