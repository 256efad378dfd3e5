package sightline.router.sim;

import sightline.stage.v1.NodeState;

/** A worker in one of its lives. */
interface Node {
    NodeSpec spec();

    Machine machine();

    Moods moods();

    /** Calls, sequences and leases that it holds. */
    int held();

    default NodeState state() {
        return moods().is(Moods.Mood.DRAINING) ? NodeState.NODE_STATE_DRAINING : NodeState.NODE_STATE_SERVING;
    }

    /** SIGTERM: what it has is refused, and it takes no more. */
    void drain();

    /** Nothing is the matter with it any more. */
    void cheerUp();
}
