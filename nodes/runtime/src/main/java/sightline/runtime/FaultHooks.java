package sightline.runtime;

import com.typesafe.config.Config;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import sightline.wire.Sha256;

/** Faults on purpose; all absent unless they were switched on. */
public record FaultHooks(boolean enabled, Set<Sha256> throwOnImageSha256, Optional<String> crashOnPromptContaining,
        OptionalInt crashOnPromptPositions, Duration delayStep, Duration delayEncode) {

    public FaultHooks {
        throwOnImageSha256 = Set.copyOf(throwOnImageSha256);
        requireNotNegative("delay-step-millis", delayStep);
        requireNotNegative("delay-encode-millis", delayEncode);
        boolean asked = !throwOnImageSha256.isEmpty() || crashOnPromptContaining.isPresent()
                || crashOnPromptPositions.isPresent() || !delayStep.isZero() || !delayEncode.isZero();
        if (asked && !enabled)
            throw new IllegalArgumentException(
                    "fault-hooks: a fault is set (expected: fault-hooks.enabled = true beside it)");
    }

    static FaultHooks from(Config section) {
        return new FaultHooks(section.getBoolean("enabled"),
                Set.copyOf(section.getStringList("throw-on-image-sha256").stream().map(Sha256::new).toList()),
                Optional.of(section.getString("crash-on-prompt-containing")).filter(t -> !t.isEmpty()),
                positive(section.getInt("crash-on-prompt-positions")),
                Duration.ofMillis(section.getLong("delay-step-millis")),
                Duration.ofMillis(section.getLong("delay-encode-millis")));
    }

    private static OptionalInt positive(int positions) {
        return positions > 0 ? OptionalInt.of(positions) : OptionalInt.empty();
    }

    private static void requireNotNegative(String key, Duration delay) {
        if (delay.isNegative())
            throw new IllegalArgumentException(
                    "fault-hooks." + key + ": " + delay.toMillis() + " (expected: >= 0)");
    }
}
