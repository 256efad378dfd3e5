/**
 * Computes logits from token ids and projected image tokens. Start reading at
 * {@link sightline.language.model.ModelRunner}; the part that one process computes is a
 * {@link sightline.language.model.Stage}.
 *
 * <p>Knows no schedule beyond the step it is given, no actors, no network and no clock.
 */
@NullMarked
package sightline.language.model;

import org.jspecify.annotations.NullMarked;
