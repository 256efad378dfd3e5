package sightline.language.model;

import sightline.torch.SelfTest;

/**
 * What one stage found out about itself when it was loaded.
 *
 * @param found of its functions, on the real weights
 * @param kvBlocks blocks of keys and values that it has memory for
 */
public record StageProof(SelfTest.Result found, int kvBlocks) {
    /** What holds for both stages together. */
    StageProof and(StageProof other) {
        return new StageProof(found.and(other.found), Math.min(kvBlocks, other.kvBlocks));
    }
}
