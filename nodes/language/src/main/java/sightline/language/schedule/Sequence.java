package sightline.language.schedule;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import sightline.language.schedule.Demand.PromptShape;

/**
 * One request in the scheduler's eyes.
 *
 * @param credit tokens that may still be sent
 * @param unreadNanos since when there is no credit; only then of meaning
 * @param generated tokens of its answer so far
 * @param fetched images whose projected tokens are here, counted from 0
 * @param preemptions how often it had to give its blocks back
 * @param trust whether others may be computed beside it
 * @param linedUp steps that had begun when it was last part of one or got credit that it lacked: who has waited longer has
 *        fewer
 */
record Sequence(Demand demand, Phase phase, int credit, long unreadNanos, int generated, Set<Integer> fetched,
        int preemptions, Trust trust, long linedUp) {
    Sequence {
        fetched = Set.copyOf(fetched);
    }

    static Sequence arrived(Demand demand) {
        return new Sequence(demand, new Phase.Waiting(), demand.credit(), 0, demand.answered(), Set.of(), 0,
                demand.suspect() ? Trust.SUSPECT : Trust.TRUSTED, 0);
    }

    SequenceId id() {
        return demand.id();
    }

    String tenant() {
        return demand.tenant();
    }

    Sequence in(Phase next) {
        return new Sequence(demand, next, credit, unreadNanos, generated, fetched, preemptions, trust, linedUp);
    }

    /** Gives all back and waits again; what it has generated is known and will be read again. */
    Sequence preempted() {
        return new Sequence(demand, new Phase.Waiting(), credit, unreadNanos, generated, fetched, preemptions + 1,
                trust, linedUp);
    }

    /** The projected tokens of an image are here, and stay to the end. */
    Sequence fetched(int image) {
        var more = new HashSet<>(fetched);
        more.add(image);
        return new Sequence(demand, phase, credit, unreadNanos, generated, more, preemptions, trust, linedUp);
    }

    Sequence known(PromptShape prompt) {
        return new Sequence(demand.with(prompt), phase, credit, unreadNanos, generated, fetched, preemptions, trust,
                linedUp);
    }

    /** Where reading from this position on has to stop: at the prompt's end, or with whole tiles before a row that lacks. */
    int readableTo(int from, int tileRows) {
        var images = demand.prompt().images();
        return IntStream.range(0, images.size())
                .filter(image -> images.get(image).to() > from && !fetched.contains(image))
                .map(image -> Math.max(from, images.get(image).from() / tileRows * tileRows))
                .findFirst()
                .orElse(demand.prompt().tokens());
    }

    /** Credit adds up and never overflows. */
    Sequence credited(int tokens) {
        int sum = (int) Math.min(Integer.MAX_VALUE, (long) credit + tokens);
        return new Sequence(demand, phase, sum, unreadNanos, generated, fetched, preemptions, trust, linedUp);
    }

    /** One more token went out. */
    Sequence sampled(long nowNanos) {
        return new Sequence(demand, phase, credit - 1, credit == 1 ? nowNanos : unreadNanos, generated + 1, fetched,
                preemptions, Trust.TRUSTED, linedUp);
    }

    /** Waits for a step behind all who have waited longer. */
    Sequence linedUp(long stepsBegun) {
        return new Sequence(demand, phase, credit, unreadNanos, generated, fetched, preemptions, trust, stepsBegun);
    }

    Sequence trusted(Trust now) {
        return new Sequence(demand, phase, credit, unreadNanos, generated, fetched, preemptions, now, linedUp);
    }

    /** Whether it has to be alone in its steps. */
    boolean isInTurn() {
        return trust == Trust.IN_TURN;
    }

    /**
     * Whether it may be given KV blocks: somebody reads it, it is no suspect that waits for its turn, and if it had to give
     * them back, it would not hold them in vain.
     */
    boolean mayRun() {
        return hasCredit() && (trust == Trust.TRUSTED || isInTurn()) && (preemptions == 0 || isKnown());
    }

    /** Whether none of its images is still being encoded. */
    boolean isKnown() {
        return demand.prompt().isKnown();
    }

    /** Whether it has read all that there is of its prompt, and waits for the projected tokens of an image. */
    boolean lacksRows(int tileRows) {
        return phase instanceof Phase.Prefilling(var from) && readableTo(from, tileRows) == from;
    }

    boolean hasCredit() {
        return credit > 0;
    }

    /** Whether nobody has read for too long. */
    boolean isAbandoned(long nowNanos, Duration limit) {
        return !hasCredit() && nowNanos - unreadNanos >= limit.toNanos();
    }

    /** When it runs out of time or patience, unless something happens before. */
    LongStream expiries(Duration creditTimeout) {
        return hasCredit()
                ? LongStream.of(demand.deadlineNanos())
                : LongStream.of(demand.deadlineNanos(), unreadNanos + creditTimeout.toNanos());
    }

    boolean isPastDeadline(long nowNanos) {
        return nowNanos - demand.deadlineNanos() >= 0;
    }

    /** Positions of its prompt that are still to be read before its first token. */
    int promptLeft() {
        if (generated > demand.answered()) {
            return 0;
        }
        return switch (phase) {
            case Phase.Prefilling(var positions) -> demand.prompt().tokens() - positions;
            case Phase.Waiting _,Phase.Decoding _ -> 0;
        };
    }

    /** Positions that the sequence has to hold to make its next row: all that is known of it. */
    int positionsKnown() {
        return demand.prompt().tokens() + generated;
    }
}
