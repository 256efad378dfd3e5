/**
 * Measurements of single pieces by JMH: compiled with everything else, run by {@code deploy/bench/jmh}.
 *
 * <p>Each class measures one piece through its public face and says in which shapes. Knows nothing of clusters
 * with a model; what clients see of those is measured by {@code deploy/sightline bench} and the scripts beside this module.
 */
@NullMarked
package sightline.deploy.jmh;

import org.jspecify.annotations.NullMarked;
