package sightline.vision.store;

/**
 * A claim on stored tokens, by the stream and the item for which they were asked.
 *
 * @param stream number of the stream, unique in this process
 * @param item the sender's number, unique in its stream
 */
public record Lease(long stream, long item) {}
