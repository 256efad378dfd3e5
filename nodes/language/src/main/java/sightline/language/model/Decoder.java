package sightline.language.model;

import java.util.List;
import sightline.language.kv.KvLayer;
import sightline.model.Weights;
import sightline.torch.Attention;
import sightline.torch.DType;
import sightline.torch.Norm;
import sightline.torch.Rope;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Tile;
import sightline.torch.TileLinear;

/**
 * The decoder of a language model as transformers 4.57.6 computes it, in calls whose shapes depend on positions alone.
 *
 * <p>Every call stands inside a scope that the caller opened.
 */
final class Decoder implements AutoCloseable {
    private final Weights mapped;
    private final DType compute;
    private final TokenTable table;
    private final Rope rope;
    private final List<DecoderLayer> layers;
    private final Norm norm;
    private final TileLinear head;

    /**
     * Takes its parts over, the mapped weights too, which the table reads.
     *
     * @see DecoderWeights#load
     */
    Decoder(Weights mapped, DType compute, TokenTable table, Rope rope, List<DecoderLayer> layers, Norm norm,
            TileLinear head) {
        this.mapped = mapped;
        this.compute = compute;
        this.table = table;
        this.rope = rope;
        this.layers = List.copyOf(layers);
        this.norm = norm;
        this.head = head;
    }

    /** The rows of whole tiles from prompt position {@code from}, which is a tile's first. */
    PromptRows promptRows(List<KvLayer> kv, int from, int to, Tile tile) {
        var turn = rope.from(from, tile.padded(to - from));
        return new PromptRows(tile, turn, kv, from, to, Attention.causalMask(compute, tile.rows()));
    }

    /** One row of each place, padded to whole tiles. */
    TokenRows tokenRows(List<TokenRows.Place> places, Tile tile) {
        long[] positions = new long[Math.toIntExact(tile.padded(places.size()))];
        for (int i = 0; i < places.size(); i++) {
            positions[i] = places.get(i).position();
        }
        return new TokenRows(tile, rope.at(positions), places);
    }

    /** What goes into the first layer, [rows, hidden]; zero where a row only pads. */
    Tensor embedded(Prompt prompt, PromptRows rows) {
        return table.prompt(prompt, rows.from(), rows.to()).padRows(rows.tile().padded(rows.to() - rows.from()));
    }

    /** What goes into the first layer, [rows, hidden]; zero where a row only pads. */
    Tensor embedded(long[] tokens, TokenRows rows) {
        return table.tokens(tokens).padRows(rows.tile().padded(tokens.length));
    }

    /**
     * Runs prompt rows through all layers, except that the last layer only remembers them.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden], what goes into the last layer
     */
    Tensor remember(Tensor x, PromptRows rows) {
        Tensor hidden = x;
        for (DecoderLayer layer : layers.subList(0, layers.size() - 1)) {
            Tensor input = hidden;
            hidden = TensorScope.keeping(() -> layer.forward(input, rows));
        }
        layers.getLast().rememberOnly(hidden, rows);
        return hidden;
    }

    /**
     * The logits after a row that {@link #remember} has seen.
     *
     * @param input [1, hidden], the row as it goes into the last layer
     * @return [1, vocabulary] float32
     */
    Tensor answerLast(Tensor input, TokenRows rows) {
        Tensor padded = input.padRows(rows.tile().rows());
        return logits(layers.getLast().answerOnly(padded, rows), rows);
    }

    /**
     * Runs generated rows through all layers.
     *
     * @param x [rows, hidden]
     * @return [places, vocabulary] float32
     */
    Tensor answer(Tensor x, TokenRows rows) {
        Tensor hidden = x;
        for (DecoderLayer layer : layers) {
            Tensor input = hidden;
            hidden = TensorScope.keeping(() -> layer.forward(input, rows));
        }
        return logits(hidden, rows);
    }

    List<DecoderLayer> layers() {
        return layers;
    }

    DType compute() {
        return compute;
    }

    /** What is done to every row but the layers' own functions and the head. */
    RowFunction normFunction() {
        return RowFunction.of("norm", head.width(), compute, norm::apply);
    }

    TileLinear head() {
        return head;
    }

    @Override
    public void close() {
        table.close();
        rope.close();
        layers.forEach(DecoderLayer::close);
        norm.close();
        head.close();
        mapped.close();
    }

    private Tensor logits(Tensor hidden, TokenRows rows) {
        Tensor all = head.apply(norm.apply(hidden), rows.tile());
        return all.narrow(0, 0, rows.places().size()).to(DType.FLOAT32);
    }
}
