package sightline.language.model;

import java.util.List;
import java.util.stream.Stream;
import sightline.model.Weights;
import sightline.torch.DType;
import sightline.torch.Norm;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.Tile;
import sightline.torch.TileLinear;

/**
 * What of a decoder knows the vocabulary: the token table before its first layer, norm and head behind its last one.
 *
 * <p>Every call stands inside a scope that the caller opened.
 */
final class Vocabulary implements AutoCloseable {
    private final Weights mapped;
    private final TokenTable table;
    private final Norm norm;
    private final TileLinear head;

    /** Takes its parts over, the mapped weights too, which the table reads. @see DecoderWeights#vocabulary */
    Vocabulary(Weights mapped, TokenTable table, Norm norm, TileLinear head) {
        this.mapped = mapped;
        this.table = table;
        this.norm = norm;
        this.head = head;
    }

    /** What goes into the first layer, [rows, hidden], in the order of {@link RowLayout}. */
    Tensor embedded(Batch batch) {
        var tokens = batch.tokens().isEmpty()
                ? Stream.<Tensor>empty()
                : Stream.of(table.tokens(batch.tokens().stream().mapToLong(DecodeRow::token).toArray()));
        var prompts = batch.prompts().stream().map(span -> table.prompt(span.prompt(), span.from(), span.to()));
        return Tensor.cat(0, Stream.concat(tokens, prompts).toArray(Tensor[]::new));
    }

    /**
     * The logits of answered rows.
     *
     * @param hidden [rows, hidden], what the last layer made of them
     * @param tile how the rows are cut
     * @return [rows, vocabulary] of the type computed in
     */
    Tensor logits(Tensor hidden, Tile tile) {
        return head.apply(norm.apply(hidden.padRows(tile.padded(hidden.size(0)))), tile).firstRows(hidden.size(0));
    }

    /** Entries. */
    int size() {
        return head.out();
    }

    /** What is done to a row before the head. */
    RowFunction normFunction(DType compute) {
        return RowFunction.of("norm", head.width(), compute, norm::apply);
    }

    List<RowFunction> headFunction() {
        return List.of(head);
    }

    @Override
    public void close() {
        table.close();
        norm.close();
        head.close();
        mapped.close();
    }
}
