package sightline.language.schedule;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Chooses what a step computes, without changing anything: sequences that may decode, and beside them as many prompt tiles
 * as keep their tokens coming evenly, but always some, so that no number of decoders can starve a newcomer.
 *
 * <p>A prompt of which rows are not here yet is read in whole tiles up to the first of them, and then left out.
 *
 * <p>It goes on from where the steps under way will have come to. A prompt's next tiles need no token, so they may follow
 * at once, and so may tokens that are read again; who waits for a token is left out until it is there. Where several steps
 * may be under way, each takes its share of those that decode, those first who have waited longest, so that there is one
 * for every stage. Shares are not rounded to whole tiles: the stages wait for the longest step, and a tile of few rows
 * costs hardly less than a full one.
 *
 * <p>A suspect in its turn is alone in its steps, so that they may be as long as one of all others together. Others
 * wait for three steps of suspects at most, so that their own streams go on.
 */
final class StepPlan {
    private static final int MOST_SUSPECTS_IN_A_ROW = 3;

    private final Limits limits;
    private final List<Sequence> running;
    private final Pulse pulse;
    private final Map<SequenceId, Phase> ahead;

    /** @param running in the order in which they are served */
    StepPlan(Limits limits, List<Sequence> running, Pulse pulse) {
        ahead = pulse.ahead();
        this.limits = limits;
        this.running = running.stream()
                .map(sequence -> sequence.in(ahead.getOrDefault(sequence.id(), sequence.phase())))
                .toList();
        this.pulse = pulse;
    }

    /** Nothing if it has to wait for the end of a step under way; there is room for one more beside those. */
    Step step() {
        var suspects = step(running.stream().filter(Sequence::isInTurn).toList(), 1);
        var others = running.stream().filter(sequence -> !sequence.isInTurn()).toList();
        if (suspects.isEmpty()) {
            return suspectsAreUnderWay() ? Step.NOTHING : step(others, limits.stepsUnderWay());
        }
        var beside = step(others, 1);
        if (beside.isEmpty() || pulse.suspectsInARow() < MOST_SUSPECTS_IN_A_ROW) {
            boolean alone = suspects.phasesAfter().keySet().containsAll(ahead.keySet());
            return alone ? suspects : Step.NOTHING;
        }
        return suspectsAreUnderWay() ? Step.NOTHING : beside;
    }

    private boolean suspectsAreUnderWay() {
        return pulse.underWay().stream().anyMatch(Pulse.UnderWay::suspects);
    }

    /** @param steps that share those who decode among them: as many for each that is to come, but no more than its part */
    private Step step(List<Sequence> among, int steps) {
        int decoders = (int) among.stream().filter(this::isDecoding).count();
        return new Step(decodes(among, decoders, steps),
                prefills(among, decoders == 0 ? limits.tilesPerStep() : limits.tilesBesideDecode()));
    }

    /** Whether it decodes or will as soon as the token is there that it waits for. */
    private boolean isDecoding(Sequence sequence) {
        return decodeOf(sequence).isPresent()
                || (sequence.phase() instanceof Phase.Decoding && ahead.containsKey(sequence.id()));
    }

    private List<Step.Decode> decodes(List<Sequence> among, int decoders, int steps) {
        var ready = among.stream().filter(sequence -> decodeOf(sequence).isPresent()).toList();
        int stepsToCome = Math.max(1, steps - pulse.underWay().size());
        int share = Math.min(Math.ceilDiv(ready.size(), stepsToCome), Math.ceilDiv(decoders, steps));
        var chosen = ready.stream()
                .sorted(Comparator.comparingLong(Sequence::linedUp))
                .limit(share)
                .map(Sequence::id)
                .collect(Collectors.toSet());
        return ready.stream()
                .filter(sequence -> chosen.contains(sequence.id()))
                .flatMap(sequence -> decodeOf(sequence).stream())
                .toList();
    }

    /** The next row; or as many rows that were there before as may be read in a step. */
    private Optional<Step.Decode> decodeOf(Sequence sequence) {
        if (!(sequence.phase() instanceof Phase.Decoding(var from))) {
            return Optional.empty();
        }
        int readable = sequence.hasCredit() ? sequence.generated() : sequence.generated() - 1;
        int to = Math.min(readable, from + (sequence.isInTurn() ? limits.rowsAlone() : limits.replayRows()));
        return to > from ? Optional.of(new Step.Decode(sequence.id(), from, to)) : Optional.empty();
    }

    private List<Step.Prefill> prefills(List<Sequence> among, int tiles) {
        var prefills = new ArrayList<Step.Prefill>();
        int left = tiles;
        for (var sequence : among) {
            if (left > 0 && sequence.phase() instanceof Phase.Prefilling(var from)) {
                int to = Math.min(sequence.readableTo(from, limits.tileRows()), from + left * limits.tileRows());
                if (to > from) {
                    prefills.add(new Step.Prefill(sequence.id(), from, to, to == sequence.demand().prompt().tokens()));
                    left -= Math.ceilDiv(to - from, limits.tileRows());
                }
            }
        }
        return prefills;
    }
}
