package sightline.router.sim;

import sightline.router.session.SimulatedRequest;
import sightline.stage.v1.NodeDescription;
import sightline.stage.v1.NodeReport;
import sightline.stage.v1.NodeState;
import sightline.stage.v1.Role;

/**
 * What a node is in all its lives.
 *
 * @param fingerprint that it publishes
 * @param bits that it computes, which are those of its fingerprint unless it lies
 * @param stepNanos of one step, or of one picture
 */
record NodeSpec(String name, Role role, String fingerprint, String bits, long stepNanos) {

    NodeDescription description(long incarnation, NodeState state) {
        return NodeDescription.newBuilder()
                .setName(name)
                .setRole(role)
                .setEndpoint(name + ":1")
                .setState(state)
                .setFingerprint(fingerprint)
                .setModel(SimulatedRequest.MODEL.card())
                .setContextLength(SimulatedRequest.CONTEXT)
                .setIncarnation(incarnation)
                .build();
    }

    NodeReport report(long incarnation, NodeState state) {
        return NodeReport.newBuilder()
                .setName(name)
                .setRole(role)
                .setEndpoint(name + ":1")
                .setState(state)
                .setIncarnation(incarnation)
                .build();
    }
}
