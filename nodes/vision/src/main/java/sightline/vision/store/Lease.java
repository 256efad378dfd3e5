package sightline.vision.store;

/**
 * A claim on stored tokens, for one picture that a stream asked for. Never the same again: not a number that the sender
 * chose, which may come twice.
 *
 * @param stream number of the stream, unique in this process
 * @param picture number of the picture, unique in its stream
 */
public record Lease(long stream, long picture) {}
