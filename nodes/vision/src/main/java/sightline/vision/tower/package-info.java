/**
 * The vision stage as arithmetic: pixel values in, projected image tokens out, with the semantics of transformers 4.57.6.
 *
 * <p>One image is one call: no other image is ever part of it, so its bits depend on its pixels alone and a batch is a
 * loop. Joining images would gain nothing, as the 577 rows of one keep the matrix kernels at their best rate.
 *
 * <p>Everything here runs on the one thread that owns LibTorch. Knows no files, no network, no actors. Start with
 * {@link sightline.vision.tower.VisionModel}.
 */
@NullMarked
package sightline.vision.tower;

import org.jspecify.annotations.NullMarked;
