package sightline.router.sim;

import java.util.PriorityQueue;

/** The only clock there is: it stands still while something happens, then jumps to what is due next. */
final class VirtualTime {
    private record Due(long nanos, long number, Runnable action) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            int byTime = Long.compare(nanos, other.nanos);
            return byTime != 0 ? byTime : Long.compare(number, other.number);
        }
    }

    private final PriorityQueue<Due> agenda = new PriorityQueue<>();
    private long nowNanos;
    private long number;

    static long millis(long millis) {
        return millis * 1_000_000;
    }

    long nowNanos() {
        return nowNanos;
    }

    /** What is due at the same time happens in the order in which it was asked for. */
    void at(long nanos, Runnable action) {
        agenda.add(new Due(Math.max(nanos, nowNanos), number++, action));
    }

    void after(long nanos, Runnable action) {
        at(nowNanos + nanos, action);
    }

    /** Lets the next thing happen; false when there is none before {@code endNanos}. */
    boolean step(long endNanos) {
        var next = agenda.peek();
        if (next == null || next.nanos > endNanos)
            return false;
        agenda.remove();
        nowNanos = next.nanos;
        next.action.run();
        return true;
    }
}
