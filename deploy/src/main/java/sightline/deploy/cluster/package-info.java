/**
 * A cluster on one machine: which processes it has, how each is started, watched and started again.
 *
 * <p>Start reading at {@link sightline.deploy.cluster.LocalCluster}. Knows processes, ports and settings by name; no
 * request, no model and no actor. The cluster tests run through these same classes.
 */
@NullMarked
package sightline.deploy.cluster;

import org.jspecify.annotations.NullMarked;
