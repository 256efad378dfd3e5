package sightline.router.sim;

import java.util.ArrayDeque;
import java.util.Queue;

/**
 * One life of a process. What is to happen in it happens at its time while it runs, later when it is stopped, and never
 * when it is dead.
 *
 * <p>A restart is another machine with the same name and the next incarnation.
 */
final class Machine {
    enum Condition {
        RUNNING, STOPPED, DEAD
    }

    private final String name;
    private final long incarnation;
    private final VirtualTime time;
    private final Queue<Runnable> sleeping = new ArrayDeque<>();
    private Condition condition = Condition.RUNNING;
    private long sinceNanos;

    Machine(String name, long incarnation, VirtualTime time) {
        this.name = name;
        this.incarnation = incarnation;
        this.time = time;
        this.sinceNanos = time.nowNanos();
    }

    String name() {
        return name;
    }

    long incarnation() {
        return incarnation;
    }

    boolean is(Condition asked) {
        return condition == asked;
    }

    /** Since when it is in its present condition. */
    long sinceNanos() {
        return sinceNanos;
    }

    long nowNanos() {
        return time.nowNanos();
    }

    void run(Runnable action) {
        switch (condition) {
            case RUNNING -> action.run();
            case STOPPED -> sleeping.add(action);
            case DEAD -> {
            }
        }
    }

    /** A message to one of its own actors. */
    void post(Runnable action) {
        after(0, action);
    }

    void after(long nanos, Runnable action) {
        time.after(nanos, () -> run(action));
    }

    void every(long nanos, Runnable action) {
        after(nanos, () -> {
            action.run();
            every(nanos, action);
        });
    }

    /** SIGSTOP. */
    void stop() {
        change(Condition.STOPPED);
    }

    /** SIGCONT: what came meanwhile is there. */
    void goOn() {
        change(Condition.RUNNING);
        while (!sleeping.isEmpty())
            post(sleeping.remove());
    }

    void die() {
        change(Condition.DEAD);
        sleeping.clear();
    }

    private void change(Condition next) {
        condition = next;
        sinceNanos = time.nowNanos();
    }

    @Override
    public String toString() {
        return name + "#" + incarnation;
    }
}
