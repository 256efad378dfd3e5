package sightline.language.schedule;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sightline.language.schedule.Demand.PromptShape;

/**
 * Chooses what a step computes, without changing anything: every sequence that may decode does, and beside them as many
 * prompt tiles as keep their tokens coming evenly, but always some, so that no number of decoders can starve a newcomer.
 */
final class StepPlan {
    private final Limits limits;
    private final List<Sequence> running;
    private final long number;

    /**
     * The step of this number.
     *
     * @param running in the order in which they are served
     */
    StepPlan(Limits limits, List<Sequence> running, long number) {
        this.limits = limits;
        this.running = running;
        this.number = number;
    }

    /** A suspect has every other step to itself, as long as others have work too. */
    Step step() {
        var suspect = step(running.stream().filter(Sequence::isInTurn).toList());
        var others = step(running.stream().filter(sequence -> !sequence.isInTurn()).toList());
        if (suspect.isEmpty() || others.isEmpty()) {
            return suspect.isEmpty() ? others : suspect;
        }
        return number % 2 == 0 ? suspect : others;
    }

    private Step step(List<Sequence> among) {
        var decodes = among.stream().flatMap(sequence -> decodeOf(sequence).stream()).toList();
        return new Step(decodes,
                prefills(among, decodes.isEmpty() ? limits.tilesPerStep() : limits.tilesBesideDecode()));
    }

    /** The next row; or as many rows that were there before as may be read in a step. */
    private Optional<Step.Decode> decodeOf(Sequence sequence) {
        if (!(sequence.phase() instanceof Phase.Decoding(var from))) {
            return Optional.empty();
        }
        int readable = sequence.hasCredit() ? sequence.generated() : sequence.generated() - 1;
        int to = Math.min(readable, from + limits.replayRows());
        return to > from ? Optional.of(new Step.Decode(sequence.id(), from, to)) : Optional.empty();
    }

    private List<Step.Prefill> prefills(List<Sequence> among, int tiles) {
        var prefills = new ArrayList<Step.Prefill>();
        int left = tiles;
        for (var sequence : among) {
            if (left > 0 && sequence.phase() instanceof Phase.Prefilling(var from)) {
                var prefill = prefillOf(sequence.id(), sequence.demand().prompt(), from, left);
                prefills.add(prefill);
                left -= Math.ceilDiv(prefill.rows(), limits.tileRows());
            }
        }
        return prefills;
    }

    private Step.Prefill prefillOf(SequenceId id, PromptShape prompt, int from, int tiles) {
        int to = Math.min(prompt.tokens(), from + tiles * limits.tileRows());
        return new Step.Prefill(id, from, to, to == prompt.tokens());
    }
}
