/**
 * From what a client wrote to the token ids that a language model gets: chat template, control tokens, subwords, rows
 * for pictures.
 *
 * <p>Knows no requests, sessions, actors or clock, and no pixel of a picture: only how many there are and how many rows
 * each takes. Start reading at {@link sightline.router.prompt.PromptEncoder}.
 */
@NullMarked
package sightline.router.prompt;

import org.jspecify.annotations.NullMarked;
