package sightline.language;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import sightline.language.kv.KvChange;
import sightline.language.model.Batch;
import sightline.language.model.ModelRunner;
import sightline.language.model.PromptSpan;
import sightline.language.schedule.SequenceId;

/** A model without weights: all logits are equal, and it knows who holds KV. */
class FakeRunner implements ModelRunner {
    static final int VOCABULARY = 100;

    final Set<SequenceId> holders = ConcurrentHashMap.newKeySet();
    volatile boolean closed;
    private final Deque<List<float[]>> computed = new ArrayDeque<>();

    @Override
    public int depth() {
        return 1;
    }

    @Override
    public void change(KvChange change) {
        switch (change) {
            case KvChange.Reserve(var id, _) -> holders.add(id);
            case KvChange.Release(var id) -> holders.remove(id);
            default -> {
            }
        }
    }

    @Override
    public void start(Batch batch, Runnable ready) {
        computed.addLast(compute(batch));
        ready.run();
    }

    @Override
    public List<float[]> finish() {
        return computed.removeFirst();
    }

    List<float[]> compute(Batch batch) {
        long ended = batch.prompts().stream().filter(PromptSpan::endsPrompt).count();
        return Stream.generate(() -> new float[VOCABULARY]).limit(batch.tokens().size() + ended).toList();
    }

    @Override
    public void close() {
        closed = true;
    }
}
