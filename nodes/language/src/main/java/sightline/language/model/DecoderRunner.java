package sightline.language.model;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import sightline.language.kv.KvStore;
import sightline.language.schedule.SequenceId;
import sightline.language.schedule.Step;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;

/** Runs the steps of a decoder on LibTorch: one scope per step, and as many rows per call as the self-test has proved. */
public final class DecoderRunner implements ModelRunner {
    private final Decoder gemma;
    private final Tiles tiles;
    private final KvStore store;
    private final int vocabulary;
    private final List<float[]> logits = new ArrayList<>();

    DecoderRunner(Decoder gemma, Tiles tiles, KvStore store) {
        this.gemma = gemma;
        this.tiles = tiles;
        this.store = store;
        this.vocabulary = gemma.head().out();
    }

    @Override
    public void reserve(SequenceId id, int blocks) {
        store.reserve(id, blocks);
    }

    @Override
    public void release(SequenceId id) {
        store.release(id);
    }

    @Override
    public void grow(SequenceId id, int blocks) {
        store.grow(id, blocks);
    }

    @Override
    public void keep(SequenceId id, int index, long number) {
        store.keep(id, index, number);
    }

    @Override
    public void recall(SequenceId id, List<Long> numbers) {
        store.recall(id, numbers);
    }

    @Override
    public void drop(long number) {
        store.drop(number);
    }

    @Override
    public void prefill(Step.Prefill step, Prompt prompt) {
        try (TensorScope _ = TensorScope.open()) {
            remember(step, prompt);
        }
    }

    @Override
    public float[] finishPrompt(Step.Prefill step, Prompt prompt) {
        try (TensorScope _ = TensorScope.open()) {
            Tensor last = remember(step, prompt);
            var place = new TokenRows.Place(store.of(step.id()), step.to() - 1);
            copyOut(gemma.answerLast(last, gemma.tokenRows(List.of(place), tiles.decode())), 0);
            return logits.getFirst();
        }
    }

    @Override
    public List<float[]> decode(List<DecodeRow> rows) {
        int rowsPerCall = tiles.decode().rows() * tiles.decode().joined();
        for (int first = 0; first < rows.size(); first += rowsPerCall) {
            var group = rows.subList(first, Math.min(rows.size(), first + rowsPerCall));
            try (TensorScope _ = TensorScope.open()) {
                copyOut(decodeTogether(group), first);
            }
        }
        return List.copyOf(logits.subList(0, rows.size()));
    }

    @Override
    public void close() {
        store.close();
        gemma.close();
    }

    /** Gives the step's last row as it goes into the last layer, [1, hidden]. */
    private Tensor remember(Step.Prefill step, Prompt prompt) {
        int rowsPerCall = tiles.prefill().rows() * tiles.prefill().joined();
        for (int from = step.from(); from + rowsPerCall < step.to(); from += rowsPerCall) {
            rememberTogether(step.id(), prompt, from, from + rowsPerCall);
        }
        int lastFrom = step.from() + (step.to() - step.from() - 1) / rowsPerCall * rowsPerCall;
        Tensor hidden = rememberTogether(step.id(), prompt, lastFrom, step.to());
        return hidden.narrow(0, step.to() - lastFrom - 1L, 1);
    }

    private Tensor rememberTogether(SequenceId id, Prompt prompt, int from, int to) {
        return TensorScope.keeping(() -> {
            var rows = gemma.promptRows(store.of(id), from, to, tiles.prefill());
            return gemma.remember(gemma.embedded(prompt, rows), rows);
        });
    }

    private Tensor decodeTogether(List<DecodeRow> group) {
        var places = group.stream().map(row -> new TokenRows.Place(store.of(row.id()), row.position())).toList();
        var rows = gemma.tokenRows(places, tiles.decode());
        long[] tokens = group.stream().mapToLong(DecodeRow::token).toArray();
        return gemma.answer(gemma.embedded(tokens, rows), rows);
    }

    /** @param rows [rows, vocabulary] float32, the first of which becomes the {@code first} array of logits */
    private void copyOut(Tensor rows, int first) {
        for (int i = 0; i < rows.size(0); i++) {
            if (logits.size() == first + i) {
                logits.add(new float[vocabulary]);
            }
            rows.narrow(0, i, 1).copyTo(MemorySegment.ofArray(logits.get(first + i)));
        }
    }
}
