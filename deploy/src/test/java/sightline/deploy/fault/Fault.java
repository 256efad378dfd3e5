package sightline.deploy.fault;

import java.time.Duration;

/** What a proxy does to the bytes that pass through it one way. */
public sealed interface Fault {

    /** They pass. */
    record None() implements Fault {}

    /** All that came at once passes so much later. */
    record Delay(Duration time) implements Fault {}

    /** They pass one by one, with so much time between them. */
    record Drip(Duration pause) implements Fault {}

    /** So many more pass, then both sides find the connection reset. */
    record Reset(long afterBytes) implements Fault {}

    /** So many more pass, then both sides find the connection closed, as if it had been over. */
    record Truncate(long afterBytes) implements Fault {}

    /** So many more pass, then the receiver finds that the sender has ended; the other way stays open. */
    record HalfClose(long afterBytes) implements Fault {}
}
