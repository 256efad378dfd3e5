/**
 * Decides what the next step computes, and for whom. Start reading at {@link sightline.language.schedule.Scheduler}.
 *
 * <p>Knows no tensors, of token ids only whether they are equal, no actors, no network and no clock: time comes in as nanoseconds.
 */
@NullMarked
package sightline.language.schedule;

import org.jspecify.annotations.NullMarked;
