package sightline.language.schedule;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import sightline.language.schedule.Effect.EndedBy;
import sightline.wire.Failure;

/** A state in the making: mutable, lives for one transition. */
final class Draft {
    private final Limits limits;
    private final long nowNanos;
    private final List<Sequence> waiting;
    private final List<Sequence> running;
    private final List<Effect> effects = new ArrayList<>();
    private KvLedger kv;
    private Pulse pulse;
    private boolean prefilledLast;
    private long late;

    Draft(Limits limits, SchedulerState from, long nowNanos) {
        this.limits = limits;
        this.nowNanos = nowNanos;
        waiting = new ArrayList<>(from.waiting());
        running = new ArrayList<>(from.running());
        kv = from.kv();
        pulse = from.pulse();
        prefilledLast = from.prefilledLast();
        late = from.late();
    }

    Scheduler.Transition transition() {
        return new Scheduler.Transition(new SchedulerState(waiting, running, kv, pulse, prefilledLast, late), effects);
    }

    void apply(Event event) {
        switch (event) {
            case Event.Arrived(var demand) -> waiting.add(Sequence.arrived(demand));
            case Event.Fetched(var id) -> onFetched(id);
            case Event.Credited(var id, var tokens) -> change(id, sequence -> sequence.credited(tokens));
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
        for (var sequence : Stream.concat(waiting.stream(), running.stream()).toList()) {
            if (sequence.pastDeadline(nowNanos)) {
                refuse(sequence, new Failure.Deadline("deadline passed while " + sequence.phase().describe()));
            } else if (abandoned(sequence)) {
                refuse(sequence,
                        new Failure.SlowClient("no token was read for " + limits.creditTimeout().toSeconds() + " s"));
            }
        }
    }

    /** Admits from the head of the queue only, so that nobody overtakes a request that needs much. */
    void admit() {
        while (!waiting.isEmpty() && running.size() < limits.running()) {
            var head = waiting.getFirst();
            var reserved = kv.reserve(head.id(), head.demand().positions());
            if (reserved.isEmpty()) {
                return;
            }
            kv = reserved.get();
            running.add(waiting.removeFirst().admitted());
            effects.add(new Effect.Reserve(head.id(), kv.blocksFor(head.demand().positions())));
        }
    }

    void refuseOverflow() {
        while (waiting.size() > limits.waiting()) {
            refuse(waiting.getLast(), new Failure.Overloaded("all places to wait are taken", limits.retryAfter()));
        }
    }

    /** Keeps at most one step under way, and one while there is anything to compute. */
    void beat(boolean stepDue) {
        var step = nextStep();
        if (stepDue && step.isPresent()) {
            pulse = new Pulse.Running(step.get());
            prefilledLast = step.get() instanceof Step.Prefill;
            effects.add(new Effect.Run(step.get()));
        } else if (stepDue) {
            pulse = new Pulse.AtRest();
        } else if (pulse instanceof Pulse.AtRest && step.isPresent()) {
            pulse = new Pulse.Due();
            effects.add(new Effect.StepSoon());
        }
        if (pulse instanceof Pulse.AtRest) {
            nextExpiry().ifPresent(nanos -> effects.add(new Effect.WakeAt(nanos)));
        }
    }

    private void onFetched(SequenceId id) {
        if (find(running, id).isEmpty()) {
            late++;
        }
        change(id, sequence -> sequence.phase() instanceof Phase.Fetching
                ? sequence.in(new Phase.Prefilling(0))
                : sequence);
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
        if (step instanceof Step.Prefill prefill && !prefill.last()) {
            change(prefill.id(), sequence -> sequence.in(new Phase.Prefilling(prefill.to())));
        }
        sampled.forEach(this::onSampled);
    }

    private void onSampled(Event.Sampled sampled) {
        var found = find(running, sampled.id());
        if (found.isEmpty()) {
            late++;
            return;
        }
        var sequence = found.get();
        var generated = 1 + (sequence.phase() instanceof Phase.Decoding(var before) ? before : 0);
        if (sampled.ends() || generated == sequence.demand().maxNewTokens()) {
            release(sequence);
            effects.add(new Effect.Finish(sequence.id(), sampled.ends() ? EndedBy.END_TOKEN : EndedBy.LENGTH));
        } else {
            change(sequence.id(), known -> known.generated(generated, nowNanos));
        }
    }

    private void refuse(Sequence sequence, Failure failure) {
        onWithdrawn(sequence.id());
        effects.add(new Effect.Refuse(sequence.id(), failure));
    }

    private void release(Sequence sequence) {
        running.remove(sequence);
        kv = kv.release(sequence.id());
        effects.add(new Effect.Release(sequence.id()));
    }

    private Optional<Step> nextStep() {
        var prefill = running.stream().flatMap(this::prefillOf).findFirst();
        var decode = decodeOfAll();
        return prefilledLast ? decode.or(() -> prefill) : prefill.or(() -> decode);
    }

    private Stream<Step> prefillOf(Sequence sequence) {
        if (!(sequence.phase() instanceof Phase.Prefilling(var from))) {
            return Stream.empty();
        }
        var promptTokens = sequence.demand().promptTokens();
        var to = Math.min(promptTokens, from + limits.rowsPerStep());
        return Stream.of(new Step.Prefill(sequence.id(), from, to, to == promptTokens));
    }

    private Optional<Step> decodeOfAll() {
        var ids = running.stream().filter(s -> s.phase() instanceof Phase.Decoding).map(Sequence::id).toList();
        return ids.isEmpty() ? Optional.empty() : Optional.of(new Step.Decode(ids));
    }

    private boolean abandoned(Sequence sequence) {
        return sequence.phase() instanceof Phase.Parked(_, var since)
                && nowNanos - since >= limits.creditTimeout().toNanos();
    }

    private OptionalLong nextExpiry() {
        return Stream.concat(waiting.stream(), running.stream())
                .flatMapToLong(this::expiries)
                .map(nanos -> nanos - nowNanos)
                .min()
                .stream()
                .map(delay -> nowNanos + delay)
                .findFirst();
    }

    private LongStream expiries(Sequence sequence) {
        var deadline = sequence.demand().deadlineNanos();
        return sequence.phase() instanceof Phase.Parked(_, var since)
                ? LongStream.of(deadline, since + limits.creditTimeout().toNanos())
                : LongStream.of(deadline);
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
