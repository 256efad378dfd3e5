/**
 * A live view of a cluster: what a router says of the nodes, and what each node's metrics say of its work.
 *
 * <p>Start reading at {@link sightline.deploy.top.Top}. Knows the public contract only, nothing of stages, processes or
 * models.
 */
@NullMarked
package sightline.deploy.top;

import org.jspecify.annotations.NullMarked;
