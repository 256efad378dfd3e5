package sightline.language.schedule;

/** Whether a sequence may be computed beside others. */
enum Trust {
    /** Nothing is known against it. */
    TRUSTED,
    /** It may be why a process died; one suspect at a time gets its turn. */
    SUSPECT,
    /** It was offered its turn. */
    OFFERED,
    /** It has its turn: until its next token it is alone in its steps. */
    IN_TURN
}
