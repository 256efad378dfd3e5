package sightline.language.model;

import java.util.function.IntConsumer;
import sightline.language.kv.KvShape;
import sightline.language.kv.KvStore;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.model.StagePart;
import sightline.torch.DType;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Torch;

/**
 * A language model with its weights packed, its KV memory counted and its numerics proved: warm.
 *
 * @param runner owns all of it; to be used and closed on the thread that loaded it
 * @param contextLength positions that a sequence may have, by the model and by the memory
 */
public record DecoderModel(ModelRunner runner, Proof proof, int contextLength) {
    /**
     * What may be chosen about a model.
     *
     * @param linears how the weights are held and multiplied
     * @param head how those of the head are
     * @param kvBlocks blocks of keys and values that may be held at a time
     * @param joinedPromptTiles prompt tiles in one forward pass, where the self-test allows it
     * @param joinedDecodeTiles tiles of generated rows beside them, likewise
     */
    public record Options(Linears linears, Linears head, int kvBlocks, int joinedPromptTiles,
            int joinedDecodeTiles) {
        /** With a head that is held as the other weights are. */
        public Options(Linears linears, int kvBlocks, int joinedPromptTiles, int joinedDecodeTiles) {
            this(linears, linears, kvBlocks, joinedPromptTiles, joinedDecodeTiles);
        }

        /** What everything but the weights is computed and kept in. */
        public DType compute() {
            return linears.compute();
        }

        private Tiles tiles(Device device) {
            return Tiles.joined(device.prefillRows(), joinedPromptTiles, device.decodeRows(), joinedDecodeTiles);
        }
    }

    /**
     * Loads the language part of a checkpoint and tests it.
     *
     * @param loaded told the number of layers done
     * @throws ModelProblem if a tensor cannot be read, or holds NaN or infinity
     */
    public static DecoderModel load(ModelDirectory model, Torch torch, Options options, IntConsumer loaded)
            throws ModelProblem {
        var text = model.config().text();
        var kvShape = kvShape(model, options.compute());
        int contextLength = Math.min(model.config().contextLength(), options.kvBlocks() * KvShape.BLOCK_POSITIONS);
        var weights = model.weights(StagePart.LANGUAGE);
        var decoder = new DecoderWeights(weights, text, options.linears(), options.head())
                .load(positions(contextLength), loaded);
        var outcome = new DecoderSelfTest(decoder, kvShape, options.tiles(torch.device())).run(torch);
        var runner = new DecoderRunner(decoder, outcome.tiles(), new KvStore(kvShape));
        return new DecoderModel(runner, outcome.proof(), contextLength);
    }

    /** What a position's keys and values take. */
    public static KvShape kvShape(ModelDirectory model, DType compute) {
        var text = model.config().text();
        return new KvShape(text.layers(), text.kvHeads(), text.headDim(), compute);
    }

    /** Padding included, and those of the self-test. */
    private static int positions(int contextLength) {
        int needed = Math.max(contextLength, DecoderSelfTest.POSITIONS);
        return Math.ceilDiv(needed, KvShape.BLOCK_POSITIONS) * KvShape.BLOCK_POSITIONS;
    }
}
