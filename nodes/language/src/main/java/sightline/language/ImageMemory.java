package sightline.language;

import java.util.List;
import java.util.Optional;
import sightline.language.ValidBegin.PromptImage;
import sightline.runtime.Places;

/**
 * Bounds the bytes of projected tokens that all requests of a node hold together, from their beginning to their end,
 * since a request that has to give its KV blocks back reads its pictures again. For any thread.
 */
final class ImageMemory {
    private static final int UNIT_BYTES = 1_024;

    private final Places units;

    ImageMemory(long bytes) {
        units = new Places(Math.clamp(bytes / UNIT_BYTES, 1, Integer.MAX_VALUE));
    }

    /** What one request holds; to be given back once. */
    record Held(Places from, int units) {
        void giveBack() {
            from.giveBack(units);
        }
    }

    /** Takes what these pictures need, or nothing when that is not there; one request alone may always have its pictures. */
    Optional<Held> take(List<PromptImage> images) {
        long needed = images.stream().mapToLong(image -> Math.ceilDiv(image.spec().byteLength(), UNIT_BYTES)).sum();
        int taken = (int) Math.min(needed, units.count());
        return units.tryTake(taken) ? Optional.of(new Held(units, taken)) : Optional.empty();
    }
}
