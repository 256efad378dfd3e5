package sightline.router.fleet;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import sightline.stage.v1.Prefilled;

/**
 * What this router has on each language replica and what it has learned of them, and so where the next sequence goes:
 * where its answer is expected to be whole first.
 *
 * <p>What a replica does for a sequence is to read the prompt, as far as it does not remember it, after those that wait to
 * be read already, and to decode the answer in steps that last the longer the more sequences are in them. So a replica
 * that remembers much of the prompt is preferred, but no longer than until too many others are there, and devices that
 * differ in speed share the work in proportion. Knows no clock. For one thread.
 */
final class ReplicaLedger {
    private static final double UNKNOWN_READ_SECONDS = 0.002;
    private static final double UNKNOWN_STEP_SECONDS = 0.02;
    private static final double UNKNOWN_ANSWER_TOKENS = 64;
    private static final double ANSWER_SHARE = 0.05;
    private static final double MICROS_PER_SECOND = 1e6;

    /** Shorter ones tell of what a sequence costs beside its tokens. */
    private static final int LEAST_READ = PromptWork.BLOCK;
    private static final int LEAST_DECODED = 8;

    /**
     * A sequence on a replica.
     *
     * @param unread positions of it that wait to be read there, as far as this router knows
     * @param beside sequences that were there when it came, itself included
     */
    private record Entry(PeerId on, int positions, int unread, int beside) {
        Entry read() {
            return new Entry(on, positions, 0, beside);
        }
    }

    /** What this router has on one replica, and what the replica itself told last. */
    private static final class Standing {
        private final RememberedPrompts prompts = new RememberedPrompts();
        private int placed;
        private int unread;
        private int told;

        /** Those of other routers included, of which the replica's word comes a little late. */
        private int sequences() {
            return Math.max(placed, told);
        }

        private int unread(PromptWork work) {
            return work.positions() - prompts.known(work);
        }

        private boolean isIdle() {
            return placed == 0;
        }
    }

    private final Map<RunId, Entry> entries = new HashMap<>();
    private final Map<PeerId, Standing> standings = new HashMap<>();
    private final NodeCosts readSeconds = new NodeCosts(UNKNOWN_READ_SECONDS);
    private final NodeCosts stepSeconds = new NodeCosts(UNKNOWN_STEP_SECONDS);
    private double answerTokens = UNKNOWN_ANSWER_TOKENS;

    /** These are the replicas now; what was learned of others is forgotten. */
    void replicas(Collection<Worker> now) {
        var ids = now.stream().map(Worker::id).collect(Collectors.toSet());
        standings.entrySet().removeIf(known -> known.getValue().isIdle() && !ids.contains(known.getKey()));
        readSeconds.keep(standings.keySet());
        stepSeconds.keep(standings.keySet());
        now.forEach(replica -> standing(replica.id()).told = replica.load().getRunning()
                + replica.load().getWaiting());
    }

    /** Chooses one of the replicas for the sequence, and counts it there until it ends. */
    Optional<Worker> place(RunId id, ReplicaNeed need, PromptWork work, Collection<Worker> among, long nowNanos) {
        end(id);
        var choice = LanguagePlacement.choose(among, need, replica -> seconds(replica.id(), work, nowNanos));
        choice.ifPresent(replica -> add(id, replica.id(), work));
        return choice;
    }

    private void add(RunId id, PeerId replica, PromptWork work) {
        var standing = standing(replica);
        int unread = standing.unread(work);
        standing.placed++;
        standing.unread += unread;
        standing.prompts.add(work);
        entries.put(id, new Entry(replica, work.positions(), unread, standing.sequences()));
    }

    /** Until the answer would be whole. */
    private double seconds(PeerId replica, PromptWork work, long nowNanos) {
        var standing = standing(replica);
        double tokens = Math.min(work.answerTokens(), answerTokens);
        return (standing.unread + standing.unread(work)) * readSeconds.of(replica, nowNanos)
                + tokens * (standing.sequences() + 1) * stepSeconds.of(replica, nowNanos);
    }

    /** The replica has read the prompt, and says how long that took. */
    void read(RunId id, Prefilled told, long nowNanos) {
        var entry = entries.get(id);
        if (entry == null)
            return;
        standing(entry.on).unread -= entry.unread;
        entries.put(id, entry.read());
        int tokens = entry.positions - told.getCachedPromptTokens();
        if (told.getPrefillUs() > 0 && tokens >= LEAST_READ)
            readSeconds.observe(entry.on, told.getPrefillUs() / MICROS_PER_SECOND / tokens, nowNanos);
    }

    /** The replica has decoded so many tokens, for a client that kept pace, in that time. */
    void decoded(RunId id, int tokens, long micros, long nowNanos) {
        var entry = entries.get(id);
        if (entry == null)
            return;
        answerTokens += ANSWER_SHARE * (tokens - answerTokens);
        double beside = (entry.beside + standing(entry.on).sequences()) / 2.0;
        if (micros > 0 && tokens >= LEAST_DECODED)
            stepSeconds.observe(entry.on, micros / MICROS_PER_SECOND / (tokens - 1) / beside, nowNanos);
    }

    /** The sequence is on no replica any more. */
    void end(RunId id) {
        var entry = entries.remove(id);
        if (entry != null) {
            standing(entry.on).placed--;
            standing(entry.on).unread -= entry.unread;
        }
    }

    /** Sequences that are on replicas. */
    int placed() {
        return entries.size();
    }

    private Standing standing(PeerId replica) {
        return standings.computeIfAbsent(replica, _ -> new Standing());
    }
}
