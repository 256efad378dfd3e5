package sightline.router.fleet;

/** What became of a node's life after it was reported lost. */
public enum PeerFate {
    /** It has described itself again, and has not to start anew: only the way to it had broken. */
    BACK,
    /** It has not so far; or a process that it is made of is still missing. */
    MISSING,
    /** It has left the cluster, or its process has been started anew. */
    GONE
}
