package sightline.language.schedule;

import java.util.List;

/** What one step computes. */
public sealed interface Step {
    /**
     * Prompt positions {@code from} (a tile's first) to {@code to} (exclusive) of one sequence. The last step of a
     * prompt gives its first token.
     */
    record Prefill(SequenceId id, int from, int to, boolean last) implements Step {}

    /** One more token for each of these sequences. */
    record Decode(List<SequenceId> ids) implements Step {
        public Decode {
            ids = List.copyOf(ids);
        }
    }
}
