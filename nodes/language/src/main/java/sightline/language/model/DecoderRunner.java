package sightline.language.model;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import sightline.language.kv.KvChange;
import sightline.language.kv.KvStore;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;

/** Runs a decoder on LibTorch: one scope per forward pass, and as many rows in it as the self-test has proved. */
public final class DecoderRunner implements ModelRunner {
    private final Decoder decoder;
    private final Tiles tiles;
    private final KvStore store;
    private final int vocabulary;
    private final List<float[]> logits = new ArrayList<>();
    private int answered;
    private boolean underWay;

    DecoderRunner(Decoder decoder, Tiles tiles, KvStore store) {
        this.decoder = decoder;
        this.tiles = tiles;
        this.store = store;
        this.vocabulary = decoder.head().out();
    }

    @Override
    public int depth() {
        return 1;
    }

    @Override
    public void change(KvChange change) {
        store.change(change);
    }

    /** Computes the batch, then runs {@code ready}. */
    @Override
    public void start(Batch batch, Runnable ready) {
        if (underWay) {
            throw new IllegalStateException("a batch is under way (expected: its end before the next one begins)");
        }
        underWay = true;
        answered = 0;
        for (var pass : tiles.passes(batch)) {
            try (TensorScope _ = TensorScope.open()) {
                var rows = ForwardPass.of(pass, decoder, store, tiles).logits();
                answered += rows.isPresent() ? copyOut(rows.get(), answered) : 0;
            }
        }
        ready.run();
    }

    @Override
    public List<float[]> finish() {
        if (!underWay) {
            throw new IllegalStateException("no batch is under way");
        }
        underWay = false;
        return List.copyOf(logits.subList(0, answered));
    }

    @Override
    public void close() {
        store.close();
        decoder.close();
    }

    /**
     * Makes rows the arrays of logits from number {@code first} on.
     *
     * @param rows [rows, vocabulary] float32
     * @return how many there are
     */
    private int copyOut(Tensor rows, int first) {
        int count = Math.toIntExact(rows.size(0));
        for (int i = 0; i < count; i++) {
            if (logits.size() == first + i) {
                logits.add(new float[vocabulary]);
            }
            rows.narrow(0, i, 1).copyTo(MemorySegment.ofArray(logits.get(first + i)));
        }
        return count;
    }
}
