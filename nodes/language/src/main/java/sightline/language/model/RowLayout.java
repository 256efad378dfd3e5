package sightline.language.model;

import java.util.List;
import sightline.language.schedule.SequenceId;

/**
 * Which rows a batch has, without what they hold: generated ones first, then those of prompts. All that a stage needs to
 * know of a batch beside the rows themselves.
 *
 * @param tokens several of one sequence stand in the order of their positions; all are answered
 * @param prompts in the order of their positions, where several are of one sequence
 */
public record RowLayout(List<Token> tokens, List<Span> prompts) {
    /** A generated token's row. */
    public record Token(SequenceId id, int position) {}

    /**
     * Rows of a prompt.
     *
     * @param from position of the first one, which begins a tile
     * @param to position behind the last one
     * @param answered whether the last one is answered, as it ends its prompt
     */
    public record Span(SequenceId id, int from, int to, boolean answered) {
        int rows() {
            return to - from;
        }
    }

    public RowLayout {
        tokens = List.copyOf(tokens);
        prompts = List.copyOf(prompts);
    }

    static RowLayout of(Batch batch) {
        return new RowLayout(batch.tokens().stream().map(row -> new Token(row.id(), row.position())).toList(),
                batch.prompts()
                        .stream()
                        .map(span -> new Span(span.id(), span.from(), span.to(), span.endsPrompt()))
                        .toList());
    }

    static RowLayout ofTokens(List<Token> tokens) {
        return new RowLayout(tokens, List.of());
    }

    static RowLayout ofPrompt(Span prompt) {
        return new RowLayout(List.of(), List.of(prompt));
    }

    static RowLayout together(List<RowLayout> parts) {
        return new RowLayout(parts.stream().flatMap(part -> part.tokens.stream()).toList(),
                parts.stream().flatMap(part -> part.prompts.stream()).toList());
    }

    /** All rows, padding left out. */
    public int rows() {
        return tokens.size() + prompts.stream().mapToInt(Span::rows).sum();
    }

    /** Those whose logits are asked for. */
    public int answered() {
        return tokens.size() + Math.toIntExact(prompts.stream().filter(Span::answered).count());
    }
}
