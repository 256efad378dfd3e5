package sightline.deploy.bench;

import java.util.List;
import java.util.Optional;
import sightline.v1.Finished;

/**
 * What a client saw of one request.
 *
 * @param sentNanos when it was sent, by {@link System#nanoTime}
 * @param tokenNanos when each token came
 * @param endNanos when it was over
 * @param finished absent when it failed
 */
record Sample(long sentNanos, List<Long> tokenNanos, long endNanos, Optional<Finished> finished,
        Optional<Failure> failure) {
    /**
     * Why it was not answered.
     *
     * @param reason or status
     * @param refused for now, before it began: the cluster says when to try again
     */
    record Failure(String reason, boolean refused) {}

    Sample {
        tokenNanos = List.copyOf(tokenNanos);
    }

    boolean isWhole() {
        return finished.isPresent() && !tokenNanos.isEmpty();
    }

    /** Time to first token. */
    double ttftSeconds() {
        return (tokenNanos.getFirst() - sentNanos) / 1e9;
    }

    /** Mean time per output token after the first; 0 with one token. */
    double timePerOutputTokenSeconds() {
        int gaps = tokenNanos.size() - 1;
        return gaps == 0 ? 0 : (tokenNanos.getLast() - tokenNanos.getFirst()) / 1e9 / gaps;
    }
}
