/**
 * Joins the processes of a replica: the first stage links the others ({@link sightline.language.stage.LinkedStages}), and each
 * of those serves its link ({@link sightline.language.stage.StageService}).
 *
 * <p>The head drives every hop: rows go to stage 1 and come back, go on to stage 2, and so forth. So a stage knows nobody but
 * its head, one place sees every loss, and nothing has to be agreed upon when a stage comes back. The price is a second way
 * for rows of a few kilobytes, beside a step of some ten milliseconds.
 *
 * <p>Knows no schedule, no tokens and no text.
 */
@NullMarked
package sightline.language.stage;

import org.jspecify.annotations.NullMarked;
