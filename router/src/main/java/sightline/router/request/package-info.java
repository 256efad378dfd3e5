/**
 * The edge: turns what a client sent into a {@link sightline.router.request.ValidRequest} or one failure.
 *
 * <p>Past it only validated types exist. Knows no models, no cluster, no actors and no clock. Start reading at
 * {@link sightline.router.request.RequestParser}.
 */
@NullMarked
package sightline.router.request;

import org.jspecify.annotations.NullMarked;
