/**
 * The command line's own gRPC client: one request, its streamed answer, and the JSON forms of both.
 *
 * <p>Start reading at {@link sightline.deploy.client.InferenceClient}. Knows the public contract only, nothing of stages,
 * processes or models.
 */
@NullMarked
package sightline.deploy.client;

import org.jspecify.annotations.NullMarked;
