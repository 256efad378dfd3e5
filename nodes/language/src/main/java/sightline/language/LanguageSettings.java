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
 */
public record LanguageSettings(Optional<Integer> threads, long kvBytes, int maxRunning, int maxWaiting,
        int promptTilesPerStep, Duration retryAfter, Duration creditTimeout, Duration beatInterval,
        Duration routerSilence) {

    public LanguageSettings {
        require(threads.isEmpty() || threads.get() >= 1, "threads", threads, ">= 0");
        require(kvBytes >= 1, "kv-memory", kvBytes, ">= 1 byte");
        require(maxRunning >= 1, "max-running", maxRunning, ">= 1");
        require(maxWaiting >= 0, "max-waiting", maxWaiting, ">= 0");
        require(promptTilesPerStep >= 1, "prompt-tiles-per-step", promptTilesPerStep, ">= 1");
        require(beatInterval.isPositive(), "beat-interval", beatInterval, "over 0");
        require(routerSilence.compareTo(beatInterval) > 0, "router-silence", routerSilence, "over beat-interval");
    }

    /** Reads the section language. */
    public static LanguageSettings from(Config settings) {
        var language = settings.getConfig("language");
        int threads = language.getInt("threads");
        return new LanguageSettings(threads == 0 ? Optional.empty() : Optional.of(threads),
                language.getBytes("kv-memory"), language.getInt("max-running"), language.getInt("max-waiting"),
                language.getInt("prompt-tiles-per-step"), language.getDuration("retry-after"),
                language.getDuration("credit-timeout"), language.getDuration("beat-interval"),
                language.getDuration("router-silence"));
    }

    /** Requests that the node knows of at a time. */
    int places() {
        return maxRunning + maxWaiting;
    }

    /**
     * What the scheduler is held to.
     *
     * @param tileRows prompt positions of a tile
     */
    Limits limits(int tileRows) {
        return new Limits(maxRunning, maxWaiting, tileRows, promptTilesPerStep, creditTimeout, retryAfter);
    }

    private static void require(boolean holds, String key, Object value, String expected) {
        if (!holds) {
            throw new IllegalArgumentException("language." + key + ": " + value + " (expected: " + expected + ")");
        }
    }
}
