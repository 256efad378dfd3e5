package sightline.language.schedule;

/** One request in the scheduler's eyes. */
record Sequence(Demand demand, int credit, Phase phase) {
    static Sequence arrived(Demand demand) {
        return new Sequence(demand, demand.credit(), new Phase.Waiting());
    }

    SequenceId id() {
        return demand.id();
    }

    Sequence in(Phase next) {
        return new Sequence(demand, credit, next);
    }

    Sequence admitted() {
        return in(demand.awaitsImages() ? new Phase.Fetching() : new Phase.Prefilling(0));
    }

    /** Credit adds up and never overflows; a parked sequence with credit decodes again. */
    Sequence credited(int tokens) {
        var sum = (int) Math.min(Integer.MAX_VALUE, (long) credit + tokens);
        var next = phase instanceof Phase.Parked(var generated, _) ? new Phase.Decoding(generated) : phase;
        return new Sequence(demand, sum, next);
    }

    /** One more token went out, the {@code generated}-th of the answer. */
    Sequence generated(int generated, long nowNanos) {
        var next = credit > 1 ? new Phase.Decoding(generated) : new Phase.Parked(generated, nowNanos);
        return new Sequence(demand, credit - 1, next);
    }

    boolean pastDeadline(long nowNanos) {
        return nowNanos - demand.deadlineNanos() >= 0;
    }
}
