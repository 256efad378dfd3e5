/**
 * A router in a process of its own, between clients and a language node that computes nothing: what is left is what the
 * router itself costs.
 *
 * <p>Everything between the processes is real, gRPC and cluster alike. Knows no LibTorch. Start reading at
 * {@link sightline.deploy.rig.RouterProcess}.
 */
@NullMarked
package sightline.deploy.rig;

import org.jspecify.annotations.NullMarked;
