package sightline.language.model;

import java.lang.foreign.MemorySegment;
import java.util.Collection;
import java.util.function.IntConsumer;
import sightline.language.kv.KvChange;
import sightline.language.kv.KvShape;
import sightline.language.kv.KvStore;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.model.StagePart;
import sightline.torch.RowFunction;
import sightline.torch.SelfTest;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Tile;
import sightline.torch.Torch;

/**
 * The part of a model that one process computes: consecutive layers, and the keys and values of these alone.
 *
 * <p>For one thread, the same from loading to closing.
 */
public final class Stage implements AutoCloseable {
    private final LayerStack layers;
    private final KvStore store;
    private final Tiles asked;
    private final int hidden;
    private final StageSizes sizes;
    private final StageProof proof;

    Stage(LayerStack layers, KvStore store, Tiles asked, int hidden, StageSizes sizes, StageProof proof) {
        this.layers = layers;
        this.store = store;
        this.asked = asked;
        this.hidden = hidden;
        this.sizes = sizes;
        this.proof = proof;
    }

    /**
     * Loads layers and tests each of their functions by itself.
     *
     * @param loaded told the number of layers done
     * @throws ModelProblem if a tensor cannot be read, or holds NaN or infinity
     */
    public static Stage load(ModelDirectory model, Torch torch, DecoderModel.Options options, LayerRange range,
            IntConsumer loaded) throws ModelProblem {
        try (var weights = model.weights(StagePart.LANGUAGE)) {
            return load(new DecoderWeights(weights, model.config().text(), options.linears(), options.head()), model,
                    torch, options, range, loaded);
        }
    }

    static Stage load(DecoderWeights weights, ModelDirectory model, Torch torch, DecoderModel.Options options,
            LayerRange range, IntConsumer loaded) throws ModelProblem {
        int positions = DecoderModel.positions(model, options.kvBlocks());
        int hidden = model.config().text().hidden();
        var layers = weights.layers(range, positions, loaded);
        var tiles = options.tiles(torch.device());
        var store = new KvStore(DecoderModel.kvShape(model, options.compute(), range));
        return new Stage(layers, store, tiles, hidden,
                new StageSizes(hidden * options.compute().bytes(), positions, options.kvBlocks()),
                new StageProof(test(layers.rowFunctions().toList(), tiles), options.kvBlocks()));
    }

    /** Whether functions treat each row by itself, and give the same bits when as many tiles as asked for are joined. */
    static SelfTest.Result test(Collection<? extends RowFunction> functions, Tiles asked) {
        var found = SelfTest.run(functions,
                new Tile(asked.tokenRows(), Math.ceilDiv(asked.passRows(), asked.tokenRows())));
        return found.joinable() ? found : found.and(SelfTest.run(functions, Tile.separate(asked.promptRows())));
    }

    /** What it found out about itself. */
    public StageProof proof() {
        return proof;
    }

    /** Changes what its KV memory holds. */
    public void change(KvChange change) {
        store.change(change);
    }

    /** Frees all keys and values. */
    public void clear() {
        store.close();
    }

    /**
     * Computes the rows of a batch.
     *
     * @param joined whether tiles may share a call
     * @param rows [rows, hidden] of the type computed in, as bytes
     * @return [rows, hidden], likewise; of the decoder's last layer only the answered ones
     */
    public byte[] forward(RowLayout layout, boolean joined, byte[] rows) {
        try (TensorScope _ = TensorScope.open()) {
            return forward(layout, joined, tensor(rows, layout.rows())).toBytes();
        }
    }

    /** The same on tensors, in the caller's scope. */
    Tensor forward(RowLayout layout, boolean joined, Tensor rows) {
        var tiles = joined ? asked : asked.separate();
        var passes = tiles.passes(layout);
        var results = new Tensor[passes.size()];
        int first = 0;
        for (int i = 0; i < results.length; i++) {
            var pass = passes.get(i);
            var input = rows.narrow(0, first, pass.rows());
            results[i] = TensorScope.keeping(() -> new ForwardPass(pass, input, layers, store, tiles).run());
            first += pass.rows();
        }
        return results.length == 1 ? results[0] : Tensor.cat(0, results);
    }

    /** Rows that came as bytes, [count, hidden]. */
    Tensor tensor(byte[] rows, int count) {
        return Tensor.copyOf(MemorySegment.ofArray(rows), layers.compute(), count, hidden);
    }

    /** For any thread. */
    public StageSizes sizes() {
        return sizes;
    }

    /** How a batch is cut where tiles may be joined. */
    Tiles tiles() {
        return asked;
    }

    LayerStack layers() {
        return layers;
    }

    @Override
    public void close() {
        store.close();
        layers.close();
    }
}
