/**
 * What the command line adds to the client of the public contract: the JSON forms of an answer and an error, and the wait
 * for a cluster that is to be asked about pictures.
 *
 * <p>Start reading at {@link sightline.deploy.client.AnswerJson}. Knows the public contract only, nothing of stages,
 * processes or models.
 */
@NullMarked
package sightline.deploy.client;

import org.jspecify.annotations.NullMarked;
