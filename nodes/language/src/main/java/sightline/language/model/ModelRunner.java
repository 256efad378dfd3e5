package sightline.language.model;

import java.util.List;
import sightline.language.schedule.SequenceId;

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

    /**
     * Reads all rows of a batch and remembers their keys and values.
     *
     * @return [vocabulary] for each generated token, and then for each span that ends its prompt, in their order
     */
    List<float[]> run(Batch batch);

    /** Frees all; on the same thread. */
    @Override
    void close();
}
