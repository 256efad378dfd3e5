package sightline.language.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sightline.language.schedule.Demand.PromptShape;
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
    private final TenantDraft tenants;
    private Pulse pulse;
    private Counts counts;

    Draft(Limits limits, SchedulerState from, long nowNanos) {
        this.limits = limits;
        this.nowNanos = nowNanos;
        queue = new QueueDraft(limits, from.waiting(), from.running());
        kv = new KvDraft(from.kv(), effects);
        tenants = new TenantDraft(from.served(), queue);
        pulse = from.pulse();
        counts = from.counts();
    }

    Scheduler.Transition transition() {
        return new Scheduler.Transition(
                new SchedulerState(queue.waiting(), queue.running(), kv.ledger(), pulse, tenants.served(), counts),
                effects);
    }

    void apply(Event event) {
        switch (event) {
            case Event.Arrived(var demand) -> onArrived(demand);
            case Event.Fetched(var id, var image) -> onFetched(id, image);
            case Event.Known(var id, var prompt) -> onKnown(id, prompt);
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
     * Admits whose turn it is, so that nobody overtakes a request that needs much, but one that nobody reads, that has not got
     * its turn, or an image of which is still being encoded: the last ones use the room that is there, and give way.
     */
    void admit() {
        var next = next();
        while (next.isPresent() && makeRoomFor(next.get())) {
            admit(next.get());
            next = next();
        }
    }

    private Optional<Sequence> next() {
        return tenants.next(sequence -> sequence.isKnown() || isRoomFor(sequence));
    }

    private boolean isRoomFor(Sequence sequence) {
        return queue.running().size() < limits.running() && kv.fits(sequence.id(), room(sequence));
    }

    /** Those that are idle give way, the last one served first, unless there would be no room even so. */
    private boolean makeRoomFor(Sequence sequence) {
        var idle = queue.idle(pulse.ahead().keySet());
        int blocks = idle.stream().mapToInt(one -> kv.ledger().heldBy(one.id())).sum();
        if (queue.running().size() - idle.size() >= limits.running()
                || !kv.fits(sequence.id(), room(sequence), blocks)) {
            return false;
        }
        for (var one : idle) {
            if (isRoomFor(sequence)) {
                break;
            }
            preempt(one);
        }
        return true;
    }

    private void admit(Sequence sequence) {
        var recalled = kv.find(sequence.demand());
        int positions = recalled.size() * kv.ledger().blockPositions();
        queue.remove(sequence.id());
        queue.run(sequence.in(new Phase.Prefilling(positions)));
        kv.admit(sequence.id(), room(sequence), recalled);
        counts = counts.hit(positions);
    }

    /** Positions to begin with: all that is known and a block to go on, so that nobody is preempted right away. */
    private int room(Sequence sequence) {
        int further = sequence.positionsKnown() + kv.ledger().blockPositions();
        return Math.min(sequence.demand().positions(), further);
    }

    void refuseOverflow() {
        for (var last = queue.overflow(); last.isPresent(); last = queue.overflow()) {
            refuse(last.get(), new Failure.Overloaded("all places to wait are taken", limits.retryAfter()));
        }
    }

    /** Keeps as many steps under way as may be, while there is anything to compute. */
    void beat(boolean stepDue) {
        boolean mayGoOn = !stepDue || begin();
        if (mayGoOn && !pulse.due() && !plannedStep().isEmpty()) {
            pulse = pulse.due(true);
            effects.add(new Effect.StepSoon());
        }
        if (pulse.isAtRest()) {
            queue.nextExpiry(nowNanos).ifPresent(nanos -> effects.add(new Effect.WakeAt(nanos)));
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
            var victim = queue.victim(pulse.ahead().keySet(), tenants.byService());
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
                ? new StepPlan(limits, tenants.inTurn(), pulse).step()
                : Step.NOTHING;
    }

    private static int positions(Sequence sequence, Step.Decode decode) {
        return sequence.demand().prompt().tokens() + decode.to();
    }

    private void preempt(Sequence victim) {
        release(victim);
        queue.await(victim.preempted());
        counts = counts.onePreempted();
    }

    private void onArrived(Demand demand) {
        tenants.arrived(demand.tenant());
        queue.await(Sequence.arrived(demand));
    }

    /** Whoever could not go on before stands behind those who wait already. */
    private void onCredited(SequenceId id, int tokens) {
        queue.change(id, sequence -> sequence.hasCredit()
                ? sequence.credited(tokens)
                : sequence.credited(tokens).linedUp(counts.steps()));
    }

    private void onFetched(SequenceId id, int image) {
        if (queue.all().stream().noneMatch(sequence -> sequence.id().equals(id))) {
            counts = counts.oneLate();
        }
        queue.change(id, sequence -> sequence.fetched(image));
    }

    /** What is kept of it by now need not be read, unless it is being read already. */
    private void onKnown(SequenceId id, PromptShape prompt) {
        queue.change(id, sequence -> sequence.known(prompt));
        if (!pulse.ahead().containsKey(id)) {
            queue.running(id).ifPresent(this::recall);
        }
    }

    private void recall(Sequence sequence) {
        if (sequence.phase() instanceof Phase.Prefilling(var from)) {
            int to = kv.recall(sequence, from);
            queue.change(sequence.id(), one -> one.in(new Phase.Prefilling(to)));
            counts = counts.hit(to - from);
        }
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
        tenants.read(step);
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
        tenants.generated(sequence.tenant());
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
}
