package sightline.vision;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import sightline.runtime.FaultHooks;
import sightline.wire.Sha256;

/**
 * Faults on purpose, as far as they concern the vision encoder.
 *
 * @param throwOn picture files at which the encoder throws
 * @param delayEncode how much longer every picture takes
 */
record Faults(Set<Sha256> throwOn, Duration delayEncode) {
    static final Faults NONE = new Faults(Set.of(), Duration.ZERO);

    Faults {
        throwOn = Set.copyOf(throwOn);
    }

    static Faults of(FaultHooks hooks) {
        return new Faults(hooks.throwOnImageSha256(), hooks.delayEncode());
    }

    void onEncode(Sha256 file) {
        LockSupport.parkNanos(delayEncode.toNanos());
        if (throwOn.contains(file)) {
            throw new IllegalStateException("fault on purpose: throw-on-image-sha256 holds " + file);
        }
    }
}
