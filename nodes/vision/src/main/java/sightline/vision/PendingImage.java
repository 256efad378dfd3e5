package sightline.vision;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import sightline.wire.ImageKey;

/**
 * A picture under way, with all the jobs that wait for it: equal pictures are encoded once.
 *
 * <p>Changed by the desk alone; the preparing threads and the encoder ask whether anybody is left.
 */
final class PendingImage {
    private final ImageKey key;
    private final long arrivedNanos;
    private final List<EncodeJob> jobs = new CopyOnWriteArrayList<>();

    PendingImage(EncodeJob first) {
        this.key = first.key();
        this.arrivedNanos = first.arrivedNanos();
        jobs.add(first);
    }

    ImageKey key() {
        return key;
    }

    /** The same for all that came in one message. */
    long arrivedNanos() {
        return arrivedNanos;
    }

    void join(EncodeJob job) {
        jobs.add(job);
    }

    EncodeJob first() {
        return jobs.getFirst();
    }

    boolean isAbandoned() {
        return jobs.isEmpty();
    }

    /** Whether it is worth the work: somebody waits who could still get it in time. */
    boolean isWanted(long nowNanos) {
        return jobs.stream().anyMatch(job -> !job.isUnwanted(nowNanos));
    }

    /** Lets go of the jobs that were cancelled or are too late. */
    List<EncodeJob> takeUnwanted(long nowNanos) {
        return take(job -> job.isUnwanted(nowNanos));
    }

    /** Lets go of all jobs. */
    List<EncodeJob> takeAll() {
        return take(_ -> true);
    }

    private List<EncodeJob> take(Predicate<EncodeJob> chosen) {
        var taken = new ArrayList<EncodeJob>();
        jobs.forEach(job -> {
            if (chosen.test(job)) {
                taken.add(job);
            }
        });
        jobs.removeAll(taken);
        return taken;
    }
}
