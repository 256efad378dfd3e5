/**
 * The load generator: sends requests to a running cluster and measures what a client sees.
 *
 * <p>Start reading at {@link sightline.deploy.bench.LoadRun}. Knows the public contract only, nothing of stages, processes
 * or models.
 */
@NullMarked
package sightline.deploy.bench;

import org.jspecify.annotations.NullMarked;
