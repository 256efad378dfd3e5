package sightline.language.model;

import java.util.List;

/**
 * Rows that are computed together: generated tokens, and prompt positions beside them.
 *
 * @param tokens several of one sequence stand in the order of their positions
 * @param prompts in the order of their positions, where several are of one sequence
 */
public record Batch(List<DecodeRow> tokens, List<PromptSpan> prompts) {
    public Batch {
        tokens = List.copyOf(tokens);
        prompts = List.copyOf(prompts);
    }

    static Batch ofTokens(List<DecodeRow> tokens) {
        return new Batch(tokens, List.of());
    }

    static Batch ofPrompt(PromptSpan prompt) {
        return new Batch(List.of(), List.of(prompt));
    }
}
