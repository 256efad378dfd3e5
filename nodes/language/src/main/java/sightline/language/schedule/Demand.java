package sightline.language.schedule;

import java.util.List;

/**
 * What a request asks of this node, as far as scheduling goes; all that changes is how much of its prompt is known.
 *
 * @param tenant for whom it is, as its client says; tenants take turns
 * @param prompt what it begins with
 * @param answered tokens of its answer that are there already, generated elsewhere
 * @param maxNewTokens of the whole answer
 * @param arrivedNanos when it came
 * @param priority higher goes first; each step counts as much as having come {@link Limits#priorityStep} earlier
 * @param credit tokens that may be sent before more credit comes
 * @param suspect it was on a process that died, and may be the reason
 */
public record Demand(SequenceId id, String tenant, PromptShape prompt, int answered, int maxNewTokens,
        long arrivedNanos, int priority, long deadlineNanos, int credit, boolean suspect) {
    public Demand {
        if (answered < 0 || maxNewTokens <= answered) {
            throw new IllegalArgumentException(
                    "maxNewTokens: " + maxNewTokens + " (expected: more than " + answered + ", which are there)");
        }
        require(credit >= 1, "credit", credit);
    }

    /** Of a client that names no tenant. */
    public Demand(SequenceId id, PromptShape prompt, int answered, int maxNewTokens, long arrivedNanos, int priority,
            long deadlineNanos, int credit, boolean suspect) {
        this(id, "", prompt, answered, maxNewTokens, arrivedNanos, priority, deadlineNanos, credit, suspect);
    }

    /**
     * A prompt without its numbers.
     *
     * @param tokens positions of the whole prompt, image rows included
     * @param images where their rows stand, in order
     * @param blocks contents of the whole KV blocks that end before the last position, which is always read; up to the
     *        first that is not known yet
     */
    public record PromptShape(int tokens, List<ImageSpan> images, List<PromptBlock> blocks) {
        public PromptShape {
            require(tokens >= 1, "tokens", tokens);
            images = List.copyOf(images);
            blocks = List.copyOf(blocks);
        }

        /** Whether all that it lacks can be fetched. */
        boolean isKnown() {
            return images.stream().allMatch(ImageSpan::encoded);
        }
    }

    /**
     * Rows of an image at positions {@code from} to {@code to} (exclusive).
     *
     * @param encoded rather than still to be, somewhere else
     */
    public record ImageSpan(int from, int to, boolean encoded) {}

    /** The same with more known of its prompt. */
    Demand with(PromptShape known) {
        return new Demand(id, tenant, known, answered, maxNewTokens, arrivedNanos, priority, deadlineNanos, credit,
                suspect);
    }

    /** Positions whose keys and values are kept at most: the last token of an answer is never fed back. */
    public int positions() {
        return Math.addExact(prompt.tokens(), maxNewTokens - 1);
    }

    private static void require(boolean holds, String name, int value) {
        if (!holds) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: >= 1)");
        }
    }
}
