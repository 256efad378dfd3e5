package sightline.language.model;

import java.util.function.IntConsumer;
import sightline.language.kv.KvShape;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.DType;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Torch;

/**
 * A language model with its weights packed, its KV memory counted and its numerics proved: warm.
 *
 * @param runner owns all of it; to be used and closed on the thread that loaded it
 * @param contextLength positions that a sequence may have, by the model and by the memory
 * @param kvBlocks blocks of keys and values that every stage has memory for
 */
public record DecoderModel(DecoderRunner runner, Proof proof, int contextLength, int kvBlocks) {
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

        Tiles tiles(Device device) {
            return Tiles.joined(device.prefillRows(), joinedPromptTiles, device.decodeRows(), joinedDecodeTiles);
        }
    }

    /**
     * Loads the language part of a checkpoint into this process and tests it.
     *
     * @param loaded told the number of layers done
     * @throws ModelProblem if a tensor cannot be read, or holds NaN or infinity
     */
    public static DecoderModel load(ModelDirectory model, Torch torch, Options options, IntConsumer loaded)
            throws ModelProblem {
        var all = LayerRange.whole(model.config().text().layers());
        return HeadStage.load(model, torch, options, all, loaded).link(FurtherStages.none());
    }

    /** What a position's keys and values take in some layers. */
    public static KvShape kvShape(ModelDirectory model, DType compute, LayerRange range) {
        var text = model.config().text();
        return new KvShape(range.count(), text.kvHeads(), text.headDim(), compute);
    }

    /** Positions that a sequence may have. */
    static int contextLength(ModelDirectory model, int kvBlocks) {
        return Math.min(model.config().contextLength(), kvBlocks * KvShape.BLOCK_POSITIONS);
    }

    /** Those that a stage has to know of: padding included, and those of the self-test. */
    static int positions(ModelDirectory model, int kvBlocks) {
        int needed = Math.max(contextLength(model, kvBlocks), DecoderSelfTest.POSITIONS);
        return Math.ceilDiv(needed, KvShape.BLOCK_POSITIONS) * KvShape.BLOCK_POSITIONS;
    }
}
