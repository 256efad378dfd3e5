/**
 * The Java client of the public contract: asks a list of routers, and hands out one answer, each of its events once,
 * whatever happens to the routers meanwhile.
 *
 * <p>Start reading at {@link sightline.client.SightlineClient}; what makes an answer survive stands in {@code Transcript}
 * (what has been received, and what to ask for next) and {@code RetryRule} (when to ask again), neither of which knows
 * network or clock. Knows the public contract only, nothing of stages, processes or models.
 */
@NullMarked
package sightline.client;

import org.jspecify.annotations.NullMarked;
