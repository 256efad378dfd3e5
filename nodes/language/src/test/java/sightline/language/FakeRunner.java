package sightline.language;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import sightline.language.model.Batch;
import sightline.language.model.ModelRunner;
import sightline.language.model.PromptSpan;
import sightline.language.schedule.SequenceId;

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
    public List<float[]> run(Batch batch) {
        long ended = batch.prompts().stream().filter(PromptSpan::endsPrompt).count();
        return Stream.generate(() -> new float[VOCABULARY]).limit(batch.tokens().size() + ended).toList();
    }

    @Override
    public void close() {
        closed = true;
    }
}
