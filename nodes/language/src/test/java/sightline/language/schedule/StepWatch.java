package sightline.language.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks at every step as it begins: whether it may stand beside those under way, and whether it leaves nobody behind. */
final class StepWatch {
    private static final int MOST_GIVEN_WAY = 3;

    private final Limits limits;
    private final Deque<Begun> underWay = new ArrayDeque<>();
    private final Map<SequenceId, Integer> passedOver = new HashMap<>();
    private int othersGaveWay;

    private record Begun(Step step, boolean isSuspects) {
        Set<SequenceId> ids() {
            return step.phasesAfter().keySet();
        }
    }

    StepWatch(Limits limits) {
        this.limits = limits;
    }

    boolean isIdle() {
        return underWay.isEmpty();
    }

    boolean isUnderWay(SequenceId id) {
        return underWay.stream().anyMatch(begun -> begun.ids().contains(id));
    }

    /** The oldest step, which is over. */
    Step end() {
        return underWay.removeFirst().step();
    }

    /**
     * A suspect is alone in its steps, nothing of others is under way beside it, and others give way to it in three steps
     * in a row at most. In every step of others a prompt that can be read advances, and all who may decode do; where several steps
     * may be under way, nobody is passed over by more than four times as many.
     */
    void begin(Step step, SchedulerState state) {
        assertThat(underWay).hasSizeLessThan(limits.stepsUnderWay());
        var suspects = state.running().stream().filter(Sequence::isInTurn).map(Sequence::id).toList();
        assertThat(suspects).hasSizeLessThanOrEqualTo(1);
        var others = state.running().stream().filter(sequence -> sequence.trust() == Trust.TRUSTED).toList();
        var begun = new Begun(step, step.phasesAfter().keySet().stream().anyMatch(suspects::contains));
        boolean othersHaveWork = others.stream().anyMatch(sequence -> mayBeRead(sequence) || mayDecode(sequence));
        if (begun.isSuspects()) {
            assertThat(begun.ids()).as("alone").hasSize(1);
            assertThat(underWay).allSatisfy(beside -> assertThat(beside.ids()).isEqualTo(begun.ids()));
        } else {
            assertThat(underWay).noneMatch(Begun::isSuspects);
            requireAllAdvance(begun, others);
        }
        requireNobodyIsPassedOver(begun, others.stream().filter(this::mayDecode).map(Sequence::id).toList());
        othersGaveWay = begun.isSuspects() && othersHaveWork ? othersGaveWay + 1 : 0;
        assertThat(othersGaveWay).isLessThanOrEqualTo(MOST_GIVEN_WAY);
        underWay.addLast(begun);
    }

    private void requireAllAdvance(Begun begun, List<Sequence> sequences) {
        if (limits.stepsUnderWay() == 1) {
            assertThat(begun.ids()).containsAll(sequences.stream().filter(this::mayDecode).map(Sequence::id).toList());
        }
        assertThat(begun.step().prefills().isEmpty()).isEqualTo(sequences.stream().noneMatch(this::mayBeRead));
    }

    private void requireNobodyIsPassedOver(Begun begun, List<SequenceId> ready) {
        passedOver.keySet().retainAll(ready);
        ready.forEach(id -> passedOver.merge(id, 1, Integer::sum));
        passedOver.keySet().removeAll(begun.ids());
        assertThat(passedOver.values()).as("times that somebody was passed over")
                .allMatch(times -> times <= (1 + MOST_GIVEN_WAY) * limits.stepsUnderWay());
    }

    /** Whether there are prompt rows that are here and part of no step yet. */
    private boolean mayBeRead(Sequence sequence) {
        return sequence.phase() instanceof Phase.Prefilling(var positions)
                && isMoreHere(sequence, underWay.stream()
                        .flatMap(begun -> begun.step().prefills().stream())
                        .filter(prefill -> prefill.id().equals(sequence.id()))
                        .mapToInt(Step.Prefill::to)
                        .max()
                        .orElse(positions));
    }

    private boolean isMoreHere(Sequence sequence, int positions) {
        return sequence.readableTo(positions, limits.tileRows()) > positions;
    }

    private boolean mayDecode(Sequence sequence) {
        return sequence.phase() instanceof Phase.Decoding && sequence.hasCredit() && !isUnderWay(sequence.id());
    }
}
