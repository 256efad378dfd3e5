package sightline.vision;

import java.util.concurrent.Semaphore;

/** Bounds how many pictures are in some state at a time: one that enters it takes a place. For any thread. */
final class Places {
    private final int count;
    private final Semaphore free;

    Places(int count) {
        this.count = count;
        this.free = new Semaphore(count);
    }

    boolean tryTake() {
        return free.tryAcquire();
    }

    void giveBack() {
        free.release();
    }

    int taken() {
        return count - free.availablePermits();
    }
}
