package sightline.language.model;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import sightline.language.kv.KvChange;

/**
 * Computes batches; a sequence's logits depend on that sequence alone, where the model is strict.
 *
 * <p>For one thread, the same from first call to last. What it is told takes effect in the order in which it was told.
 */
public interface ModelRunner extends AutoCloseable {
    /** Batches that may be under way at a time: one for each stage. */
    int depth();

    /** Changes what the KV memory holds: behind the batches that were started so far, and before the next one. */
    void change(KvChange change);

    /**
     * Starts a batch: reads its rows and remembers their keys and values. Batches end in the order in which they were
     * started.
     *
     * @param ready run, on any thread, once {@link #finish} may be called for this batch
     * @throws IllegalStateException if {@link #depth} batches are under way
     */
    void start(Batch batch, Runnable ready);

    /**
     * Ends the oldest batch, which is ready.
     *
     * @return [vocabulary] for each generated token, and then for each span that ends its prompt, in their order; the
     *         arrays are the runner's and valid until its next call
     * @throws IllegalStateException if no batch is under way
     */
    List<float[]> finish();

    /** Starts a batch while none is under way, waits for it and ends it. */
    default List<float[]> run(Batch batch) {
        var ready = new CompletableFuture<Boolean>();
        start(batch, () -> ready.complete(true));
        ready.join();
        return finish();
    }

    /** Frees all; on the same thread. */
    @Override
    void close();
}
