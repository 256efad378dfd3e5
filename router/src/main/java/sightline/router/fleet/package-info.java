/**
 * The nodes behind this router: who they are, which models they serve, and which of them does a piece of work.
 *
 * <p>Knows no client and no text. What is decided is decided in {@link sightline.router.fleet.FleetState},
 * {@link sightline.router.fleet.VisionPlan} and {@link sightline.router.fleet.LanguagePlacement}, which know neither
 * clock nor network nor actor; start reading at {@link sightline.router.fleet.Fleet}.
 */
@NullMarked
package sightline.router.fleet;

import org.jspecify.annotations.NullMarked;
