/**
 * Turns logits into a token id and into log probabilities. Start reading at {@link sightline.language.sample.Sampler}.
 *
 * <p>Knows no tensors, no actors, no clock and no generator state: the same logits, rule and position give the same
 * token on every machine.
 */
@NullMarked
package sightline.language.sample;

import org.jspecify.annotations.NullMarked;
