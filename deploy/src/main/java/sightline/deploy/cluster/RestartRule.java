package sightline.deploy.cluster;

import java.time.Duration;
import java.util.Set;

/** Decides what follows a process's end. Pure: the caller counts and waits. */
final class RestartRule {

    private static final Duration FIRST_WAIT = Duration.ofMillis(250);
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);

    /** A process that never got ready and ends this often in a row will not get ready by trying again. */
    static final int ATTEMPTS_BEFORE_READY = 5;

    private static final int BUG = 70;

    /** Usage or settings, model directory, port, strict class: what a restart cannot mend. */
    private static final Set<Integer> FINAL_BEFORE_READY = Set.of(2, 3, 4, 6);

    private RestartRule() {}

    /** What to do next. */
    sealed interface Decision {

        /** The whole cluster ends with this exit code. */
        record End(int exitCode) implements Decision {}

        /** The process is started again after this time. */
        record Restart(Duration after) implements Decision {}
    }

    /**
     * What follows when a process ended by itself.
     *
     * @param wasEverReady whether any incarnation of this process got ready
     * @param endsInARow ends since the process last ran steadily, this one included
     */
    static Decision afterEnd(int exitCode, boolean wasEverReady, int endsInARow) {
        if (!wasEverReady && FINAL_BEFORE_READY.contains(exitCode)) {
            return new Decision.End(exitCode);
        }
        if (!wasEverReady && endsInARow >= ATTEMPTS_BEFORE_READY) {
            return new Decision.End(BUG);
        }
        Duration wait = FIRST_WAIT.multipliedBy(1L << Math.min(endsInARow - 1, 10));
        return new Decision.Restart(wait.compareTo(LONGEST_WAIT) < 0 ? wait : LONGEST_WAIT);
    }
}
