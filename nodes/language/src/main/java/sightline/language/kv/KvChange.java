package sightline.language.kv;

import java.util.List;
import sightline.language.schedule.SequenceId;

/** A change of what the KV memory holds. */
public sealed interface KvChange {
    /** Takes memory for a sequence's keys and values. */
    record Reserve(SequenceId id, int blocks) implements KvChange {}

    /**
     * Takes memory for more blocks, keeping what is written.
     *
     * @param blocks of the sequence from now on
     */
    record Grow(SequenceId id, int blocks) implements KvChange {}

    /** Frees what {@link Reserve} and {@link Grow} took. */
    record Release(SequenceId id) implements KvChange {}

    /**
     * Keeps a copy of one block of a sequence.
     *
     * @param number under which it can be recalled
     */
    record Keep(SequenceId id, int index, long number) implements KvChange {}

    /** Fills the first blocks of a sequence with kept ones. */
    record Recall(SequenceId id, List<Long> numbers) implements KvChange {
        public Recall {
            numbers = List.copyOf(numbers);
        }
    }

    /** Frees a kept block. */
    record Drop(long number) implements KvChange {}
}
