package sightline.language.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import sightline.language.schedule.Effect.EndedBy;
import sightline.language.schedule.SchedulerState.Counts;
import sightline.wire.Failure;

/** A state in the making: mutable, lives for one transition. */
final class Draft {
    private final Limits limits;
    private final long nowNanos;
    private final QueueDraft queue;
    private final List<Effect> effects = new ArrayList<>();
    private final KvDraft kv;
    private Pulse pulse;
    private Counts counts;

    Draft(Limits limits, SchedulerState from, long nowNanos) {
        this.limits = limits;
        this.nowNanos = nowNanos;
        queue = new QueueDraft(limits, from.waiting(), from.running());
        kv = new KvDraft(from.kv(), effects);
        pulse = from.pulse();
        counts = from.counts();
    }

    Scheduler.Transition transition() {
        return new Scheduler.Transition(
                new SchedulerState(queue.waiting(), queue.running(), kv.ledger(), pulse, counts), effects);
    }

    void apply(Event event) {
        switch (event) {
            case Event.Arrived(var demand) -> queue.await(Sequence.arrived(demand));
            case Event.Fetched(var id) -> onFetched(id);
            case Event.Credited(var id, var tokens) -> onCredited(id, tokens);
            case Event.TurnTaken(var id) -> queue.change(id,
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
        for (var sequence : queue.all()) {
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
        if (queue.all()
                .stream()
                .noneMatch(sequence -> sequence.trust() == Trust.OFFERED || sequence.trust() == Trust.IN_TURN)) {
            var next = queue.waiting().stream().filter(sequence -> sequence.trust() == Trust.SUSPECT).findFirst();
            next.ifPresent(suspect -> {
                queue.change(suspect.id(), sequence -> sequence.trusted(Trust.OFFERED));
                effects.add(new Effect.OfferTurn(suspect.id()));
            });
        }
    }

    /**
     * Admits from the head of the queue, so that nobody overtakes a request that needs much, but one that nobody reads or
     * that has not got its turn.
     */
    void admit() {
        var next = queue.waiting().stream().filter(Sequence::mayRun).findFirst();
        while (next.isPresent() && queue.running().size() < limits.running()
                && kv.fits(next.get().id(), room(next.get()))) {
            admit(next.get());
            next = queue.waiting().stream().filter(Sequence::mayRun).findFirst();
        }
    }

    private void admit(Sequence sequence) {
        var recalled = kv.find(sequence.demand());
        int positions = recalled.size() * kv.ledger().blockPositions();
        queue.remove(sequence.id());
        queue.run(sequence.admitted(positions));
        kv.admit(sequence.id(), room(sequence), recalled);
        counts = counts.hit(positions);
    }

    /** Positions to begin with: all that is known and a block to go on, so that nobody is preempted right away. */
    private int room(Sequence sequence) {
        int further = sequence.positionsKnown() + kv.ledger().blockPositions();
        return Math.min(sequence.demand().positions(), further);
    }

    void refuseOverflow() {
        var arrived = queue.waiting().stream().filter(sequence -> sequence.preemptions() == 0).toList();
        arrived.stream()
                .skip(limits.waiting())
                .forEach(sequence -> refuse(sequence,
                        new Failure.Overloaded("all places to wait are taken", limits.retryAfter())));
    }

    /** Keeps as many steps under way as may be, while there is anything to compute. */
    void beat(boolean stepDue) {
        boolean mayGoOn = !stepDue || begin();
        if (mayGoOn && !pulse.due() && !plannedStep().isEmpty()) {
            pulse = pulse.due(true);
            effects.add(new Effect.StepSoon());
        }
        if (pulse.isAtRest()) {
            nextExpiry().ifPresent(nanos -> effects.add(new Effect.WakeAt(nanos)));
        }
    }

    /** @return whether the step that was due has begun; if not, no other one can before something happens */
    private boolean begin() {
        pulse = pulse.due(false);
        boolean roomy = makeRoom();
        var step = plannedStep();
        if (!roomy || step.isEmpty()) {
            return false;
        }
        var ids = step.phasesAfter().keySet();
        boolean suspects = queue.running().stream().anyMatch(one -> one.isInTurn() && ids.contains(one.id()));
        pulse = pulse.begun(new Pulse.UnderWay(step, suspects));
        counts = counts.oneStep();
        queue.changeAll(sequence -> ids.contains(sequence.id()) ? sequence.linedUp(counts.steps()) : sequence);
        effects.add(new Effect.Run(step));
        return true;
    }

    /**
     * Gives every row of the coming step its block; where there is none left, the last ones served give theirs back. The
     * step may then be another one, whose rows need room in their turn.
     *
     * @return whether it has; if not, all that might give their blocks back are part of steps under way
     */
    private boolean makeRoom() {
        boolean settled = false;
        while (!settled) {
            var decodes = plannedStep().decodes();
            if (!decodes.stream().allMatch(this::makeRoom)) {
                return false;
            }
            settled = decodes.containsAll(plannedStep().decodes());
        }
        return true;
    }

    private boolean makeRoom(Step.Decode decode) {
        var sequence = queue.running(decode.id());
        while (sequence.isPresent() && !kv.fits(decode.id(), positions(sequence.get(), decode))) {
            var victim = victim();
            if (victim.isEmpty()) {
                return false;
            }
            preempt(victim.get());
            sequence = queue.running(decode.id());
        }
        sequence.ifPresent(fitting -> kv.grow(decode.id(), positions(fitting, decode)));
        return true;
    }

    private Step plannedStep() {
        return pulse.underWay().size() < limits.stepsUnderWay()
                ? new StepPlan(limits, queue.running(), pulse).step()
                : Step.NOTHING;
    }

    private static int positions(Sequence sequence, Step.Decode decode) {
        return sequence.demand().prompt().tokens() + decode.to();
    }

    /**
     * The last one served that is part of no step under way, but never the oldest, which therefore always comes to its
     * end.
     */
    private Optional<Sequence> victim() {
        var running = queue.running();
        var underWay = pulse.ahead().keySet();
        var oldest = running.stream().min(Comparator.comparingLong(sequence -> sequence.id().value())).orElseThrow();
        return running.reversed()
                .stream()
                .filter(sequence -> !sequence.id().equals(oldest.id()) && !underWay.contains(sequence.id()))
                .findFirst();
    }

    private void preempt(Sequence victim) {
        release(victim);
        queue.await(victim.preempted());
        counts = counts.onePreempted();
    }

    /** Whoever could not go on before stands behind those who wait already. */
    private void onCredited(SequenceId id, int tokens) {
        queue.change(id, sequence -> sequence.hasCredit()
                ? sequence.credited(tokens)
                : sequence.credited(tokens).linedUp(counts.steps()));
    }

    private void onFetched(SequenceId id) {
        if (queue.all().stream().noneMatch(sequence -> sequence.id().equals(id))) {
            counts = counts.oneLate();
        }
        queue.change(id, Sequence::fetched);
    }

    private void onWithdrawn(SequenceId id) {
        queue.running(id).ifPresent(this::release);
        queue.remove(id);
    }

    private void onStepDone(List<Event.Sampled> sampled) {
        if (pulse.underWay().isEmpty()) {
            throw new IllegalStateException("a step is over that never began");
        }
        var step = pulse.underWay().getFirst().step();
        pulse = pulse.over();
        var after = step.phasesAfter();
        queue.changeAll(sequence -> sequence.in(after.getOrDefault(sequence.id(), sequence.phase())));
        step.prefills()
                .stream()
                .filter(Step.Prefill::last)
                .flatMap(prefill -> queue.running(prefill.id()).stream())
                .forEach(kv::keep);
        sampled.forEach(this::onSampled);
    }

    private void onSampled(Event.Sampled sampled) {
        queue.change(sampled.id(), sequence -> sequence.sampled(nowNanos));
        var found = queue.running(sampled.id());
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
        queue.remove(sequence.id());
        kv.release(sequence.id());
    }

    private OptionalLong nextExpiry() {
        return queue.all()
                .stream()
                .flatMapToLong(this::expiries)
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
}
