package sightline.model;

/** Which rows of the tower's hidden states become image tokens. */
public enum SelectStrategy {
    /** All but the class token's. */
    DEFAULT,
    /** All of them. */
    FULL
}
