package sightline.language.schedule;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one step computes: generated rows of sequences that decode, and prompt tiles of others beside them.
 *
 * @param decodes in order of admission
 * @param prefills in the order in which the prompts are read
 */
public record Step(List<Decode> decodes, List<Prefill> prefills) {
    static final Step NOTHING = new Step(List.of(), List.of());

    public Step {
        decodes = List.copyOf(decodes);
        prefills = List.copyOf(prefills);
    }

    /**
     * Generated tokens {@code from} to {@code to} (exclusive, by their places in the answer) are read. One of them is
     * the usual case; a sequence that was preempted reads again what it had generated before, several at a time.
     */
    public record Decode(SequenceId id, int from, int to) {
        public int rows() {
            return to - from;
        }
    }

    /**
     * Prompt positions {@code from} (a tile's first) to {@code to} (exclusive) are read; the last of a prompt give the
     * first token.
     */
    public record Prefill(SequenceId id, int from, int to, boolean last) {
        int rows() {
            return to - from;
        }
    }

    boolean isEmpty() {
        return decodes.isEmpty() && prefills.isEmpty();
    }

    /** Where each of its sequences stands when it is over. */
    Map<SequenceId, Phase> phasesAfter() {
        var phases = new HashMap<SequenceId, Phase>();
        decodes.forEach(decode -> phases.put(decode.id(), new Phase.Decoding(decode.to())));
        prefills.forEach(prefill -> phases.put(prefill.id(),
                prefill.last() ? new Phase.Decoding(0) : new Phase.Prefilling(prefill.to())));
        return phases;
    }

    /** Rows of the decodes, padding left out. */
    public int decodeRows() {
        return decodes.stream().mapToInt(Decode::rows).sum();
    }

    /** Rows of the prefills, padding left out. */
    public int prefillRows() {
        return prefills.stream().mapToInt(Prefill::rows).sum();
    }
}
