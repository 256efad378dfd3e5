package sightline.language.model;

import java.lang.foreign.MemorySegment;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import sightline.language.kv.KvChange;
import sightline.torch.DType;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;

/**
 * Runs a decoder, whose first layers and whose vocabulary are here, and whose other layers are wherever it is linked to;
 * one that is whole is linked to nothing.
 *
 * <p>What comes back from the last stage are the hidden rows that are answered, not their logits, which are a hundred
 * times as large: no other stage needs the head.
 */
public final class DecoderRunner implements ModelRunner {
    private final Vocabulary vocabulary;
    private final Stage first;
    private final Queue<UnderWay> underWay = new ArrayDeque<>();
    private final List<float[]> logits = new ArrayList<>();
    private FurtherStages further = FurtherStages.none();
    private boolean joined;

    /** A batch on its way through the further stages. */
    private record UnderWay(int answered, CompletableFuture<byte[]> hidden) {}

    DecoderRunner(Vocabulary vocabulary, Stage first) {
        this.vocabulary = vocabulary;
        this.first = first;
    }

    /** Links the stages behind the first one; takes them over. */
    void link(FurtherStages stages) {
        unlink();
        further = stages;
    }

    /** Lets the further stages go, and frees all keys and values. */
    public void unlink() {
        further.close();
        further = FurtherStages.none();
        underWay.clear();
        first.clear();
    }

    /** Whether tiles share calls from now on. */
    void join(boolean tiles) {
        joined = tiles;
    }

    @Override
    public int depth() {
        return further.proofs().size() + 1;
    }

    @Override
    public void change(KvChange change) {
        first.change(change);
        further.change(change);
    }

    /** Computes the first layers, then sends the rows on. */
    @Override
    public void start(Batch batch, Runnable ready) {
        if (underWay.size() == depth()) {
            throw new IllegalStateException("batches under way: " + depth() + " (expected: fewer)");
        }
        var layout = RowLayout.of(batch);
        byte[] rows;
        try (TensorScope _ = TensorScope.open()) {
            rows = first.forward(layout, joined, vocabulary.embedded(batch)).toBytes();
        }
        var hidden = further.forward(layout, joined, rows);
        underWay.add(new UnderWay(layout.answered(), hidden));
        var _ = hidden.whenComplete((_, _) -> ready.run());
    }

    @Override
    public List<float[]> finish() {
        var oldest = underWay.poll();
        if (oldest == null) {
            throw new IllegalStateException("no batch is under way");
        }
        byte[] hidden = oldest.hidden().join();
        if (oldest.answered() > 0) {
            try (TensorScope _ = TensorScope.open()) {
                var rows = vocabulary.logits(first.tensor(hidden, oldest.answered()), tiles().head());
                copyOut(rows.to(DType.FLOAT32));
            }
        }
        return List.copyOf(logits.subList(0, oldest.answered()));
    }

    @Override
    public void close() {
        further.close();
        first.close();
        vocabulary.close();
    }

    Vocabulary vocabulary() {
        return vocabulary;
    }

    /** All linears that are here. */
    Stream<RowFunction> rowFunctions() {
        return Stream.concat(first.layers().rowFunctions(), vocabulary.headFunction().stream());
    }

    private Tiles tiles() {
        return joined ? first.tiles() : first.tiles().separate();
    }

    /** @param rows [rows, vocabulary] float32 */
    private void copyOut(Tensor rows) {
        for (int i = 0; i < rows.size(0); i++) {
            if (logits.size() == i) {
                logits.add(new float[vocabulary.size()]);
            }
            rows.narrow(0, i, 1).copyTo(MemorySegment.ofArray(logits.get(i)));
        }
    }
}
