package sightline.language.schedule;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Which steps are under way, and whether one more is to begin soon.
 *
 * @param underWay in the order in which they began, which is that in which they end
 * @param due {@link Effect.StepSoon} was asked for
 * @param suspectsInARow steps of suspects that have begun since one of others has
 */
record Pulse(List<UnderWay> underWay, boolean due, int suspectsInARow) {
    Pulse {
        underWay = List.copyOf(underWay);
    }

    /**
     * A step that has begun.
     *
     * @param suspects nothing of others may begin beside it
     */
    record UnderWay(Step step, boolean suspects) {}

    static Pulse atRest() {
        return new Pulse(List.of(), false, 0);
    }

    boolean isAtRest() {
        return underWay.isEmpty() && !due;
    }

    Pulse due(boolean now) {
        return new Pulse(underWay, now, suspectsInARow);
    }

    Pulse begun(UnderWay step) {
        var more = new ArrayList<>(underWay);
        more.add(step);
        return new Pulse(more, due, step.suspects() ? suspectsInARow + 1 : 0);
    }

    /** Without the oldest step, which is over; there must be one. */
    Pulse over() {
        return new Pulse(underWay.subList(1, underWay.size()), due, suspectsInARow);
    }

    /** Where all sequences that are part of steps under way will stand once the last of these is over. */
    Map<SequenceId, Phase> ahead() {
        var phases = new HashMap<SequenceId, Phase>();
        underWay.forEach(one -> phases.putAll(one.step().phasesAfter()));
        return phases;
    }
}
