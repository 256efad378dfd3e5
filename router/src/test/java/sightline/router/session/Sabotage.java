package sightline.router.session;

/** What a simulation is broken by on purpose, to see that its checks notice. */
public enum Sabotage {
    NONE,
    /** The router takes whatever an attempt says for words of the present one. */
    FENCING_OFF,
    /** The router writes tokens to the client before it logs them, so that a loss finds its log one message behind. */
    EMIT_BEFORE_LOG,
    /** What a node samples depends on which attempt it is. */
    STATEFUL_SAMPLER,
    /** A node computes other bits than its fingerprint says. */
    OTHER_NUMERICS
}
