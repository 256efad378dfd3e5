/**
 * The nodes behind this router: who they are, which models they serve, and which of them does a piece of work.
 *
 * <p>Knows no client and no text. What is decided is decided in {@link sightline.router.fleet.FleetState},
 * {@link sightline.router.fleet.VisionPlan} and {@link sightline.router.fleet.LanguagePlacement}, by what
 * {@link sightline.router.fleet.VisionLedger} and {@link sightline.router.fleet.ReplicaLedger} have learned of the nodes;
 * none of them knows clock, network or actor. Start reading at {@link sightline.router.fleet.Fleet}.
 */
@NullMarked
package sightline.router.fleet;

import org.jspecify.annotations.NullMarked;
