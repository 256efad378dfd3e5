/**
 * Decides what the next step computes, and for whom. Start reading at {@link sightline.language.schedule.Scheduler}.
 *
 * <p>Knows no tensors, no token ids, no actors, no network and no clock: time comes in as nanoseconds.
 */
@NullMarked
package sightline.language.schedule;

import org.jspecify.annotations.NullMarked;
