/**
 * What every Sightline process is, whatever its role: settings, ports, cluster membership, discovery, metrics, start
 * and stop. Start reading at {@link sightline.runtime.NodeProcess}. Knows no tensors, no requests and no LibTorch.
 */
@NullMarked
package sightline.runtime;

import org.jspecify.annotations.NullMarked;
