/**
 * A whole cluster on virtual time: the real decisions of the router, everything around them drawn from a seed.
 *
 * <p>What is real: {@code SessionPlan} with its parts, {@code Admission}, {@code FleetState}, {@code VisionPlan}, {@code VisionLedger}, {@code ReplicaLedger},
 * {@code LanguagePlacement}, the request parser, and the text of an answer. Each actor around them is replaced by a class
 * {@code Simulated…} in the actor's own package, which carries the same effects out without Pekko. What is made up:
 * {@link sightline.router.sim.LanguageNode} and {@link sightline.router.sim.VisionNode}, whose tokens come from
 * {@link sightline.router.sim.PureModel}, {@link sightline.router.sim.Customer}s who read at their own pace, vanish, and go
 * on at another router, and a {@link sightline.router.sim.Network} that delays, cuts, breaks and repeats.
 *
 * <p>Read {@link sightline.router.sim.Simulation} first, which populates a {@link sightline.router.sim.World} and lets it
 * unfold; then {@link sightline.router.sim.Machine}, one life of a process; then
 * {@link sightline.router.sim.Calamities}, the faults. Two classes judge: {@link sightline.router.sim.Transcript} holds what
 * a client is told against the answer to which nothing happens, {@link sightline.router.sim.Invariants} looks at every
 * session after every event. There is no thread, no sleep and no clock but {@link sightline.router.sim.VirtualTime}, so that a
 * seed gives the same run every time.
 */
@NullMarked
package sightline.router.sim;

import org.jspecify.annotations.NullMarked;
