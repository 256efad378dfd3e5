package sightline.language;

import java.util.concurrent.Semaphore;

/**
 * Bounds the requests that the language model knows of, and with them its mailbox: a request takes a place before its
 * first message, and the model gives it back when the request has left. For any thread.
 *
 * <p>A request has at most four messages under way: begin, fetched, credit and withdrawal.
 */
final class Places {
    private final Semaphore free;

    Places(int count) {
        free = new Semaphore(count);
    }

    boolean tryTake() {
        return free.tryAcquire();
    }

    void giveBack() {
        free.release();
    }
}
