/**
 * Faults on purpose at the real ports and processes of a served cluster, and what its clients and logs make of them. Knows
 * nothing of the inside of a node: it sees bytes, processes, log lines and metrics. Start reading at {@code KillSweepTest}.
 */
@NullMarked
package sightline.deploy.fault;

import org.jspecify.annotations.NullMarked;
