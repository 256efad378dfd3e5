package sightline.language;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import sightline.language.kv.KvChange;
import sightline.language.model.Batch;
import sightline.language.model.ModelRunner;

/**
 * A whole model whose batches take their time before they are ready, as if they had further stages to pass; the first ones
 * wait until as many are under way as may be.
 */
final class StagedRunner implements ModelRunner {
    private static final Executor LATER = CompletableFuture.delayedExecutor(2, TimeUnit.MILLISECONDS);

    private final ModelRunner whole;
    private final int depth;
    private final Deque<List<float[]>> underWay = new ArrayDeque<>();
    private final CompletableFuture<Boolean> full = new CompletableFuture<>();

    StagedRunner(ModelRunner whole, int depth) {
        this.whole = whole;
        this.depth = depth;
    }

    @Override
    public int depth() {
        return depth;
    }

    @Override
    public void change(KvChange change) {
        whole.change(change);
    }

    @Override
    public void start(Batch batch, Runnable ready) {
        underWay.addLast(whole.run(batch).stream().map(float[]::clone).toList());
        var _ = full.thenRunAsync(ready, LATER);
        if (underWay.size() == depth) {
            full.complete(true);
        }
    }

    @Override
    public List<float[]> finish() {
        return underWay.removeFirst();
    }

    @Override
    public void close() {
        whole.close();
    }
}
