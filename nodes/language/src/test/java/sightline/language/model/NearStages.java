package sightline.language.model;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import sightline.language.kv.KvChange;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.Torch;

/** Further stages in this process, on the thread of the first one; each computes as soon as it is told. */
public record NearStages(List<Stage> stages) implements FurtherStages {
    /** A whole model, its layers split like this. */
    public static DecoderModel load(ModelDirectory model, Torch torch, DecoderModel.Options options,
            List<LayerRange> ranges) throws ModelProblem {
        var further = new ArrayList<Stage>();
        for (var range : ranges.subList(1, ranges.size())) {
            further.add(Stage.load(model, torch, options, range, _ -> {}));
        }
        return HeadStage.load(model, torch, options, ranges.getFirst(), _ -> {}).link(new NearStages(further));
    }

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
