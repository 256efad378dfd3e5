package sightline.language.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import sightline.language.schedule.Effect.EndedBy;
import sightline.language.schedule.SchedulerState.Counts;
import sightline.wire.Failure;

/** A state in the making: mutable, lives for one transition. */
final class Draft {
    private final Limits limits;
    private final long nowNanos;
    private final List<Sequence> waiting;
    private final List<Sequence> running;
    private final List<Effect> effects = new ArrayList<>();
    private final KvDraft kv;
    private Pulse pulse;
    private Counts counts;

    Draft(Limits limits, SchedulerState from, long nowNanos) {
        this.limits = limits;
        this.nowNanos = nowNanos;
        waiting = new ArrayList<>(from.waiting());
        running = new ArrayList<>(from.running());
        kv = new KvDraft(from.kv(), effects);
        pulse = from.pulse();
        counts = from.counts();
    }

    Scheduler.Transition transition() {
        return new Scheduler.Transition(new SchedulerState(waiting, running, kv.ledger(), pulse, counts), effects);
    }

    void apply(Event event) {
        switch (event) {
            case Event.Arrived(var demand) -> enter(waiting, Sequence.arrived(demand));
            case Event.Fetched(var id) -> onFetched(id);
            case Event.Credited(var id, var tokens) -> change(id, sequence -> sequence.credited(tokens));
            case Event.TurnTaken(var id) -> change(id,
                    sequence -> sequence.trust() == Trust.OFFERED ? sequence.trusted(Trust.IN_TURN) : sequence);
            case Event.Withdrawn(var id) -> onWithdrawn(id);
            case Event.StepDone(var sampled) -> onStepDone(sampled);
            case Event.StepDue() -> {
            }
            case Event.Woken() -> {
            }
        }
    }

    /** Ends whatever has run out of time or patience, before any work is done for it. */
    void expire() {
        for (var sequence : all().toList()) {
            if (sequence.isPastDeadline(nowNanos)) {
                refuse(sequence, new Failure.Deadline("deadline passed while " + sequence.phase().describe()));
            } else if (sequence.isAbandoned(nowNanos, limits.creditTimeout())) {
                refuse(sequence,
                        new Failure.SlowClient("no token was read for " + limits.creditTimeout().toSeconds() + " s"));
            }
        }
    }

    /** One suspect at a time, so that whoever is to blame for a crash is known. */
    void offerTurn() {
        if (all().noneMatch(sequence -> sequence.trust() == Trust.OFFERED || sequence.trust() == Trust.IN_TURN)) {
            var next = waiting.stream().filter(sequence -> sequence.trust() == Trust.SUSPECT).findFirst();
            next.ifPresent(suspect -> {
                change(suspect.id(), sequence -> sequence.trusted(Trust.OFFERED));
                effects.add(new Effect.OfferTurn(suspect.id()));
            });
        }
    }

    /**
     * Admits from the head of the queue, so that nobody overtakes a request that needs much, but one that nobody reads or
     * that has not got its turn.
     */
    void admit() {
        var next = waiting.stream().filter(Sequence::mayRun).findFirst();
        while (next.isPresent() && running.size() < limits.running() && kv.fits(next.get().id(), room(next.get()))) {
            admit(next.get());
            next = waiting.stream().filter(Sequence::mayRun).findFirst();
        }
    }

    private void admit(Sequence sequence) {
        var recalled = kv.find(sequence.demand());
        int positions = recalled.size() * kv.ledger().blockPositions();
        waiting.remove(sequence);
        enter(running, sequence.admitted(positions));
        kv.admit(sequence.id(), room(sequence), recalled);
        counts = counts.hit(positions);
    }

    /** Positions to begin with: all that is known and a block to go on, so that nobody is preempted right away. */
    private int room(Sequence sequence) {
        int further = sequence.positionsKnown() + kv.ledger().blockPositions();
        return Math.min(sequence.demand().positions(), further);
    }

    void refuseOverflow() {
        var arrived = waiting.stream().filter(sequence -> sequence.preemptions() == 0).toList();
        arrived.stream()
                .skip(limits.waiting())
                .forEach(sequence -> refuse(sequence,
                        new Failure.Overloaded("all places to wait are taken", limits.retryAfter())));
    }

    /** Keeps at most one step under way, and one while there is anything to compute. */
    void beat(boolean stepDue) {
        if (stepDue) {
            makeRoom();
        }
        var step = plannedStep();
        if (stepDue && !step.isEmpty()) {
            pulse = new Pulse.Running(step);
            counts = counts.oneStep();
            effects.add(new Effect.Run(step));
        } else if (stepDue) {
            pulse = new Pulse.AtRest();
        } else if (pulse instanceof Pulse.AtRest && !step.isEmpty()) {
            pulse = new Pulse.Due();
            effects.add(new Effect.StepSoon());
        }
        if (pulse instanceof Pulse.AtRest) {
            nextExpiry().ifPresent(nanos -> effects.add(new Effect.WakeAt(nanos)));
        }
    }

    /**
     * Gives every row of the coming step its block; where there is none left, the last ones served give theirs back. The
     * step may then be another one, whose rows need room in their turn.
     */
    private void makeRoom() {
        boolean settled = false;
        while (!settled) {
            var decodes = plannedStep().decodes();
            decodes.forEach(this::makeRoom);
            settled = decodes.containsAll(plannedStep().decodes());
        }
    }

    private void makeRoom(Step.Decode decode) {
        var sequence = find(running, decode.id());
        while (sequence.isPresent() && !kv.fits(decode.id(), positions(sequence.get(), decode))) {
            preempt(victim());
            sequence = find(running, decode.id());
        }
        sequence.ifPresent(fitting -> kv.grow(decode.id(), positions(fitting, decode)));
    }

    private Step plannedStep() {
        return new StepPlan(limits, running, counts.steps()).step();
    }

    private static int positions(Sequence sequence, Step.Decode decode) {
        return sequence.demand().prompt().tokens() + decode.to();
    }

    /** The last one served, but never the oldest, which therefore always comes to its end. */
    private Sequence victim() {
        var oldest = running.stream().min(Comparator.comparingLong(sequence -> sequence.id().value())).orElseThrow();
        return running.reversed()
                .stream()
                .filter(sequence -> !sequence.id().equals(oldest.id()))
                .findFirst()
                .orElseThrow();
    }

    private void preempt(Sequence victim) {
        running.remove(victim);
        kv.release(victim.id());
        enter(waiting, victim.preempted());
        counts = counts.onePreempted();
    }

    private void onFetched(SequenceId id) {
        if (find(running, id).isEmpty()) {
            counts = counts.oneLate();
        }
        change(id, Sequence::fetched);
    }

    private void onWithdrawn(SequenceId id) {
        find(running, id).ifPresent(this::release);
        waiting.removeIf(sequence -> sequence.id().equals(id));
    }

    private void onStepDone(List<Event.Sampled> sampled) {
        if (!(pulse instanceof Pulse.Running(var step))) {
            throw new IllegalStateException("a step is over that never began: " + pulse);
        }
        pulse = new Pulse.AtRest();
        step.decodes().forEach(decode -> change(decode.id(), sequence -> sequence.in(new Phase.Decoding(decode.to()))));
        step.prefills().forEach(this::onPrefilled);
        sampled.forEach(this::onSampled);
    }

    private void onPrefilled(Step.Prefill prefill) {
        change(prefill.id(), sequence -> sequence.in(
                prefill.last() ? new Phase.Decoding(0) : new Phase.Prefilling(prefill.to())));
        if (prefill.last()) {
            find(running, prefill.id()).ifPresent(kv::keep);
        }
    }

    private void onSampled(Event.Sampled sampled) {
        change(sampled.id(), sequence -> sequence.sampled(nowNanos));
        var found = find(running, sampled.id());
        if (found.isEmpty()) {
            counts = counts.oneLate();
            return;
        }
        var sequence = found.get();
        if (sampled.ends() || sequence.generated() == sequence.demand().maxNewTokens()) {
            release(sequence);
            effects.add(new Effect.Finish(sequence.id(), sampled.ends() ? EndedBy.ITSELF : EndedBy.LENGTH));
        }
    }

    private void refuse(Sequence sequence, Failure failure) {
        onWithdrawn(sequence.id());
        effects.add(new Effect.Refuse(sequence.id(), failure));
    }

    private void release(Sequence sequence) {
        running.remove(sequence);
        kv.release(sequence.id());
    }

    private OptionalLong nextExpiry() {
        return all().flatMapToLong(this::expiries)
                .map(nanos -> nanos - nowNanos)
                .min()
                .stream()
                .map(delay -> nowNanos + delay)
                .findFirst();
    }

    private LongStream expiries(Sequence sequence) {
        long deadline = sequence.demand().deadlineNanos();
        return sequence.hasCredit()
                ? LongStream.of(deadline)
                : LongStream.of(deadline, sequence.unreadNanos() + limits.creditTimeout().toNanos());
    }

    private Stream<Sequence> all() {
        return Stream.concat(waiting.stream(), running.stream());
    }

    /** Puts a sequence among others in the order in which they are served. */
    private void enter(List<Sequence> among, Sequence sequence) {
        int place = among.size();
        while (place > 0 && limits.goesBefore(sequence.demand(), among.get(place - 1).demand())) {
            place--;
        }
        among.add(place, sequence);
    }

    private void change(SequenceId id, UnaryOperator<Sequence> change) {
        UnaryOperator<Sequence> changed = sequence -> sequence.id().equals(id) ? change.apply(sequence) : sequence;
        running.replaceAll(changed);
        waiting.replaceAll(changed);
    }

    private static Optional<Sequence> find(List<Sequence> among, SequenceId id) {
        return among.stream().filter(sequence -> sequence.id().equals(id)).findFirst();
    }
}
