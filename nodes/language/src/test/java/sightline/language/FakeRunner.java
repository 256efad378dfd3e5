package sightline.language;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import sightline.language.model.DecodeRow;
import sightline.language.model.ModelRunner;
import sightline.language.model.Prompt;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;

/** A model without weights: all logits are equal, and it knows who holds KV. */
class FakeRunner implements ModelRunner {
    static final int VOCABULARY = 100;

    final Set<SequenceId> holders = ConcurrentHashMap.newKeySet();
    volatile boolean closed;

    @Override
    public void reserve(SequenceId id, int blocks) {
        holders.add(id);
    }

    @Override
    public void release(SequenceId id) {
        holders.remove(id);
    }

    @Override
    public void grow(SequenceId id, int blocks) {}

    @Override
    public void keep(SequenceId id, int index, long number) {}

    @Override
    public void recall(SequenceId id, List<Long> numbers) {}

    @Override
    public void drop(long number) {}

    @Override
    public void prefill(Step.Prefill step, Prompt prompt) {}

    @Override
    public float[] finishPrompt(Step.Prefill step, Prompt prompt) {
        return new float[VOCABULARY];
    }

    @Override
    public List<float[]> decode(List<DecodeRow> rows) {
        return rows.stream().map(_ -> new float[VOCABULARY]).toList();
    }

    @Override
    public void close() {
        closed = true;
    }
}
