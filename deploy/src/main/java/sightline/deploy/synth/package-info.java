/**
 * Writes random-weight checkpoints of true size and published format, for measuring without a download.
 *
 * <p>Start reading at {@link sightline.deploy.synth.SyntheticCheckpoint}. Knows no cluster, no process and no LibTorch.
 */
@NullMarked
package sightline.deploy.synth;

import org.jspecify.annotations.NullMarked;
