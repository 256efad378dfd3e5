package sightline.language;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Gathers the credits of one request until the model takes them, so that at most one message about them is under way.
 * For any thread.
 */
final class CreditPurse {
    private final AtomicInteger tokens = new AtomicInteger();

    /** Adds credit; true if the purse was empty, so that somebody must be told. */
    boolean add(int more) {
        return tokens.getAndUpdate(before -> (int) Math.min(Integer.MAX_VALUE, (long) before + more)) == 0;
    }

    /** Takes all. */
    int take() {
        return tokens.getAndSet(0);
    }
}
