package sightline.language.model;

import java.util.List;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;

/**
 * Computes steps; a sequence's logits depend on that sequence alone, where the model is strict.
 *
 * <p>For one thread, the same from first call to last. Arrays of logits are the runner's and valid until its next call.
 */
public interface ModelRunner extends AutoCloseable {
    /** Takes memory for a sequence's keys and values. */
    void reserve(SequenceId id, int blocks);

    /**
     * Takes memory for more blocks.
     *
     * @param blocks of the sequence from now on
     */
    void grow(SequenceId id, int blocks);

    /** Frees what {@link #reserve} and {@link #grow} took. */
    void release(SequenceId id);

    /**
     * Keeps a copy of one block of a sequence.
     *
     * @param number under which it can be recalled
     */
    void keep(SequenceId id, int index, long number);

    /** Fills the first blocks of a sequence with kept ones. */
    void recall(SequenceId id, List<Long> numbers);

    /** Frees a kept block. */
    void drop(long number);

    /** Reads prompt positions that do not end the prompt. */
    void prefill(Step.Prefill step, Prompt prompt);

    /**
     * Reads the last prompt positions.
     *
     * @return [vocabulary], logits of the first token
     */
    float[] finishPrompt(Step.Prefill step, Prompt prompt);

    /**
     * Reads generated tokens; several of one sequence stand in the order of their positions.
     *
     * @return [vocabulary] for each row, in the order of the rows
     */
    List<float[]> decode(List<DecodeRow> rows);

    /** Frees all; on the same thread. */
    @Override
    void close();
}
