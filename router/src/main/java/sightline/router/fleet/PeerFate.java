package sightline.router.fleet;

/** What became of a node's life after it was reported lost. */
public enum PeerFate {
    /** It has described itself again: only the way to it had broken. */
    BACK,
    /** It has not described itself again so far. */
    MISSING,
    /** It has left the cluster, or its process has been started anew. */
    GONE
}
