/**
 * The projected tokens that a vision node still holds: a bounded store with leases.
 *
 * <p>Plain bytes under image keys. Knows no tensors, no actors, no clock and no network. Start with
 * {@link sightline.vision.store.TokenStore}.
 */
@NullMarked
package sightline.vision.store;

import org.jspecify.annotations.NullMarked;
