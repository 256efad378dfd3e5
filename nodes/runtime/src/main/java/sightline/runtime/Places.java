package sightline.runtime;

import java.util.concurrent.Semaphore;

/** Bounds how many of something are in some state at a time: one that enters it takes a place. For any thread. */
public final class Places {
    private final int count;
    private final Semaphore free;

    public Places(int count) {
        this.count = count;
        this.free = new Semaphore(count);
    }

    public boolean tryTake() {
        return tryTake(1);
    }

    /** Takes so many places, which may be none, or no place at all. */
    public boolean tryTake(int places) {
        return free.tryAcquire(places);
    }

    public void giveBack() {
        giveBack(1);
    }

    public void giveBack(int places) {
        free.release(places);
    }

    public int count() {
        return count;
    }

    public int taken() {
        return count - free.availablePermits();
    }
}
