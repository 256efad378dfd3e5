package sightline.language.model;

import java.util.List;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.model.StagePart;
import sightline.torch.DType;
import sightline.torch.SelfTest;
import sightline.torch.Torch;

/**
 * The first stage of a replica: its layers, and all that knows the vocabulary; loaded, and to be linked to the stages
 * behind it, as often as one of them is lost.
 *
 * <p>For one thread, the same from loading to the closing of the runner.
 */
public final class HeadStage {
    private final ModelDirectory model;
    private final Torch torch;
    private final DType compute;
    private final DecoderRunner runner;
    private final StageSizes sizes;
    private final StageProof own;

    private HeadStage(ModelDirectory model, Torch torch, DType compute, DecoderRunner runner, StageSizes sizes,
            StageProof own) {
        this.model = model;
        this.torch = torch;
        this.compute = compute;
        this.runner = runner;
        this.sizes = sizes;
        this.own = own;
    }

    /**
     * Loads the first layers and the vocabulary, and tests each of their functions by itself.
     *
     * @param loaded told the number of layers done
     * @throws ModelProblem if a tensor cannot be read, or holds NaN or infinity
     */
    public static HeadStage load(ModelDirectory model, Torch torch, DecoderModel.Options options, LayerRange range,
            IntConsumer loaded) throws ModelProblem {
        var weights = new DecoderWeights(model.weights(StagePart.LANGUAGE), model.config().text(), options.linears(),
                options.head());
        var stage = Stage.load(weights, model, torch, options, range, loaded);
        var vocabulary = weights.vocabulary();
        var found = Stage.test(List.of(vocabulary.normFunction(options.compute())), stage.tiles())
                .and(SelfTest.run(vocabulary.headFunction(), stage.tiles().head()));
        return new HeadStage(model, torch, options.compute(), new DecoderRunner(vocabulary, stage), stage.sizes(),
                stage.proof().and(new StageProof(found, options.kvBlocks())));
    }

    /** Links the stages behind this one, tests the whole and makes its fingerprint: the model is warm. */
    public DecoderModel link(FurtherStages further) {
        runner.link(further);
        var all = Stream.concat(Stream.of(own), further.proofs().stream()).reduce(StageProof::and).orElseThrow();
        var proof = new DecoderSelfTest(runner, compute).run(torch, all.found());
        return new DecoderModel(runner, proof, DecoderModel.contextLength(model, all.kvBlocks()), all.kvBlocks());
    }

    /** Those of its layers; for any thread. */
    public StageSizes sizes() {
        return sizes;
    }

    /** Owns all that was loaded here; usable once it is linked. */
    public DecoderRunner runner() {
        return runner;
    }
}
