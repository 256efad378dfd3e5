package sightline.language.schedule;

import java.time.Duration;

/**
 * One request in the scheduler's eyes.
 *
 * @param credit tokens that may still be sent
 * @param unreadNanos since when there is no credit; only then of meaning
 * @param generated tokens of its answer so far
 * @param imagesFrom position from which on its projected tokens have been fetched; none if beyond the prompt
 * @param preemptions how often it had to give its blocks back
 * @param trust whether others may be computed beside it
 * @param linedUp steps that had begun when it was last part of one or got credit that it lacked: who has waited longer has
 *        fewer
 */
record Sequence(Demand demand, Phase phase, int credit, long unreadNanos, int generated, int imagesFrom,
        int preemptions, Trust trust, long linedUp) {
    static Sequence arrived(Demand demand) {
        return new Sequence(demand, new Phase.Waiting(), demand.credit(), 0, demand.answered(), Integer.MAX_VALUE, 0,
                demand.suspect() ? Trust.SUSPECT : Trust.TRUSTED, 0);
    }

    SequenceId id() {
        return demand.id();
    }

    Sequence in(Phase next) {
        return new Sequence(demand, next, credit, unreadNanos, generated, imagesFrom, preemptions, trust, linedUp);
    }

    /** Admitted with the first {@code positions} in place. */
    Sequence admitted(int positions) {
        boolean imagesMissing = demand.prompt().imagesEnd() > positions && imagesFrom > positions;
        return in(imagesMissing ? new Phase.Fetching(positions) : new Phase.Prefilling(positions));
    }

    /** Gives all back and waits again; what it has generated is known and will be read again. */
    Sequence preempted() {
        return new Sequence(demand, new Phase.Waiting(), credit, unreadNanos, generated, imagesFrom, preemptions + 1,
                trust, linedUp);
    }

    /** All projected tokens that it asked for are here; a suspect asks for those of its whole prompt when it comes. */
    Sequence fetched() {
        return switch (phase) {
            case Phase.Fetching(var positions) ->
                    imagesFrom(demand.suspect() ? 0 : positions).in(new Phase.Prefilling(positions));
            case Phase.Waiting _,Phase.Prefilling _,Phase.Decoding _ -> demand.suspect() ? imagesFrom(0) : this;
        };
    }

    private Sequence imagesFrom(int position) {
        return new Sequence(demand, phase, credit, unreadNanos, generated, position, preemptions, trust, linedUp);
    }

    /** Credit adds up and never overflows. */
    Sequence credited(int tokens) {
        int sum = (int) Math.min(Integer.MAX_VALUE, (long) credit + tokens);
        return new Sequence(demand, phase, sum, unreadNanos, generated, imagesFrom, preemptions, trust, linedUp);
    }

    /** One more token went out. */
    Sequence sampled(long nowNanos) {
        return new Sequence(demand, phase, credit - 1, credit == 1 ? nowNanos : unreadNanos, generated + 1, imagesFrom,
                preemptions, Trust.TRUSTED, linedUp);
    }

    /** Waits for a step behind all who have waited longer. */
    Sequence linedUp(long stepsBegun) {
        return new Sequence(demand, phase, credit, unreadNanos, generated, imagesFrom, preemptions, trust, stepsBegun);
    }

    Sequence trusted(Trust now) {
        return new Sequence(demand, phase, credit, unreadNanos, generated, imagesFrom, preemptions, now, linedUp);
    }

    /** Whether it has to be alone in its steps. */
    boolean isInTurn() {
        return trust == Trust.IN_TURN;
    }

    /** Whether it may be given KV blocks: somebody reads it, and it is no suspect that waits for its turn. */
    boolean mayRun() {
        return hasCredit() && (trust == Trust.TRUSTED || isInTurn());
    }

    boolean hasCredit() {
        return credit > 0;
    }

    /** Whether nobody has read for too long. */
    boolean isAbandoned(long nowNanos, Duration limit) {
        return !hasCredit() && nowNanos - unreadNanos >= limit.toNanos();
    }

    boolean isPastDeadline(long nowNanos) {
        return nowNanos - demand.deadlineNanos() >= 0;
    }

    /** Positions that the sequence has to hold to make its next row: all that is known of it. */
    int positionsKnown() {
        return demand.prompt().tokens() + generated;
    }
}
