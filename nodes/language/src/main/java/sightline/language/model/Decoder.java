package sightline.language.model;

import java.util.Arrays;
import java.util.List;
import sightline.model.Weights;
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

    /** Rows of one forward pass, in the order of the groups. */
    Rows rows(List<RowGroup> groups) {
        return new Rows(groups,
                rope.at(groups.stream().map(RowGroup::positions).flatMapToLong(Arrays::stream).toArray()));
    }

    /** What goes into the first layer, [rows, hidden]; zero where a row only pads. */
    Tensor embedded(PromptSpan span, int rows) {
        return table.prompt(span.prompt(), span.from(), span.to()).padRows(rows);
    }

    /** What goes into the first layer, [rows, hidden]; zero where a row only pads. */
    Tensor embedded(long[] tokens, int rows) {
        return table.tokens(tokens).padRows(rows);
    }

    /**
     * Runs rows through all layers, except that the last layer only remembers them.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden], what goes into the last layer
     */
    Tensor read(Tensor x, Rows rows) {
        Tensor hidden = x;
        for (DecoderLayer layer : layers.subList(0, layers.size() - 1)) {
            Tensor input = hidden;
            hidden = TensorScope.keeping(() -> layer.forward(input, rows));
        }
        layers.getLast().remember(hidden, rows);
        return hidden;
    }

    /**
     * The logits after rows that {@link #read} has seen.
     *
     * @param input [rows, hidden], the rows as they go into the last layer
     * @param headTile how the head cuts them
     * @return [rows, vocabulary] of the type computed in
     */
    Tensor answer(Tensor input, Rows rows, Tile headTile) {
        return head.apply(norm.apply(layers.getLast().answer(input, rows)), headTile);
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
}
