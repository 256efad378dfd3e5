package sightline.language.model;

import sightline.language.schedule.SequenceId;

/**
 * Positions {@code from} (a tile's first) to {@code to} (exclusive) of a sequence's prompt.
 */
public record PromptSpan(SequenceId id, Prompt prompt, int from, int to) {
    /** Whether the logits of the first token come from its last row. */
    public boolean endsPrompt() {
        return to == prompt.length();
    }
}
