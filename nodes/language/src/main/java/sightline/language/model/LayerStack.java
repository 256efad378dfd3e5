package sightline.language.model;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import sightline.torch.DType;
import sightline.torch.Rope;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;

/**
 * Consecutive layers of a language model as transformers 4.57.6 computes it, in calls whose shapes depend on positions
 * alone.
 *
 * <p>Every call stands inside a scope that the caller opened.
 */
final class LayerStack implements AutoCloseable {
    private final LayerRange range;
    private final DType compute;
    private final Rope rope;
    private final List<DecoderLayer> layers;

    /** Takes its parts over. @see DecoderWeights#layers */
    LayerStack(LayerRange range, DType compute, Rope rope, List<DecoderLayer> layers) {
        this.range = range;
        this.compute = compute;
        this.rope = rope;
        this.layers = List.copyOf(layers);
    }

    /** Rows of one forward pass, in the order of the groups. */
    Rows rows(List<RowGroup> groups) {
        return new Rows(groups,
                rope.at(groups.stream().map(RowGroup::positions).flatMapToLong(Arrays::stream).toArray()));
    }

    /**
     * Runs rows through all layers, except that the decoder's last one, where it is among them, only remembers them.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden], what goes into the next stage, or into the last layer
     */
    Tensor read(Tensor x, Rows rows) {
        Tensor hidden = x;
        for (DecoderLayer layer : range.endsDecoder() ? layers.subList(0, layers.size() - 1) : layers) {
            Tensor input = hidden;
            hidden = TensorScope.keeping(() -> layer.forward(input, rows));
        }
        if (range.endsDecoder()) {
            layers.getLast().remember(hidden, rows);
        }
        return hidden;
    }

    /**
     * What the decoder's last layer makes of rows that {@link #read} has seen.
     *
     * @param input [rows, hidden], the rows as they go into that layer
     * @return [rows, hidden]
     */
    Tensor answer(Tensor input, Rows rows) {
        return layers.getLast().answer(input, rows);
    }

    /** In their order. */
    List<DecoderLayer> layers() {
        return layers;
    }

    LayerRange range() {
        return range;
    }

    DType compute() {
        return compute;
    }

    /** All linears, which treat each row without a look at other positions. */
    Stream<RowFunction> rowFunctions() {
        return layers.stream().flatMap(layer -> layer.rowFunctions().stream());
    }

    @Override
    public void close() {
        rope.close();
        layers.forEach(DecoderLayer::close);
    }
}
