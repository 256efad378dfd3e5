package sightline.router.fleet;

import java.util.Optional;

/**
 * Which vision nodes can encode a session's pictures.
 *
 * @param fingerprint of the node that encoded them before; any, where none has
 */
public record VisionNeed(String modelDigest, Optional<String> fingerprint) {
    /** What a vision node has; the fingerprint is empty when its self-test failed. */
    record Offer(String modelDigest, String fingerprint) {
        static final Offer NONE = new Offer("", "");
    }

    boolean isMetBy(Offer offer) {
        return modelDigest.equals(offer.modelDigest)
                && fingerprint.map(print -> !print.isEmpty() && print.equals(offer.fingerprint)).orElse(true);
    }
}
