/**
 * The front door: public service, start-up and settings of a router.
 *
 * <p>Stateless towards models, which it learns from the nodes that serve them; never sees a tensor or a pixel. Start
 * reading at {@link sightline.router.InferenceService}.
 */
@NullMarked
package sightline.router;

import org.jspecify.annotations.NullMarked;
