package sightline.language.model;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import sightline.language.kv.KvChange;

/** Further stages in this process, on the thread of the first one; each computes as soon as it is told. */
record NearStages(List<Stage> stages) implements FurtherStages {
    @Override
    public List<StageProof> proofs() {
        return stages.stream().map(Stage::proof).toList();
    }

    @Override
    public void change(KvChange change) {
        stages.forEach(stage -> stage.change(change));
    }

    @Override
    public CompletableFuture<byte[]> forward(RowLayout layout, boolean joined, byte[] rows) {
        byte[] hidden = rows;
        for (var stage : stages) {
            hidden = stage.forward(layout, joined, hidden);
        }
        return CompletableFuture.completedFuture(hidden);
    }

    @Override
    public void close() {
        stages.forEach(Stage::close);
    }
}
