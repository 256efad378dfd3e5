package sightline.language.schedule;

/**
 * What a request asks of this node, as far as scheduling goes; never changes while it lives.
 *
 * @param promptTokens positions of the whole prompt, image rows included
 * @param awaitsImages projected tokens must be fetched before the first prompt tile
 * @param credit tokens that may be sent before more credit comes
 */
public record Demand(SequenceId id, int promptTokens, int maxNewTokens, boolean awaitsImages, long deadlineNanos,
        int credit) {
    public Demand {
        if (promptTokens < 1) {
            throw new IllegalArgumentException("promptTokens: " + promptTokens + " (expected: >= 1)");
        }
        if (maxNewTokens < 1) {
            throw new IllegalArgumentException("maxNewTokens: " + maxNewTokens + " (expected: >= 1)");
        }
        if (credit < 1) {
            throw new IllegalArgumentException("credit: " + credit + " (expected: >= 1)");
        }
    }

    /** Positions whose keys and values are kept: the last token of an answer is never fed back. */
    public int positions() {
        return Math.addExact(promptTokens, maxNewTokens - 1);
    }
}
