package sightline.language.model;

import java.util.List;
import java.util.Optional;
import sightline.torch.Fingerprint;

/**
 * What the start-up self-test found out on the real weights.
 *
 * @param fingerprint of what this node computes; absent if a row's bits depended on anything but its sequence
 * @param reasons what was found to depend on what; there may be some with a fingerprint too, when only joined tiles differ
 */
public record Proof(Optional<Fingerprint> fingerprint, List<String> reasons) {
    public Proof {
        reasons = List.copyOf(reasons);
    }
}
