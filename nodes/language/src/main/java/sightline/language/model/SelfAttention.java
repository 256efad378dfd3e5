package sightline.language.model;

import java.util.List;
import sightline.model.TextConfig;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.TileLinear;

/**
 * The attention of one decoder layer, without the norm before it and the sum after it.
 *
 * @param index of the layer among those that are loaded, counted from zero
 * @param query hidden → heads · headDim
 * @param keyValue hidden → 2 · kvHeads · headDim, the keys first
 * @param output heads · headDim → hidden
 */
record SelfAttention(int index, TextConfig shape, TileLinear query, TileLinear keyValue, TileLinear output)
        implements
            AutoCloseable {
    /**
     * Keeps the keys and values of the rows.
     *
     * @param normed [rows, hidden]
     */
    void remember(Tensor normed, Rows rows) {
        Tensor kv = keyValue.apply(normed, rows.tile()).reshape(normed.size(0), 2L * shape.kvHeads(), shape.headDim());
        Tensor k = rows.turn().apply(kv.narrow(1, 0, shape.kvHeads()));
        rows.write(index, k, kv.narrow(1, shape.kvHeads(), shape.kvHeads()));
    }

    /**
     * What remembered rows see.
     *
     * @param normed [rows, hidden]
     * @return [rows, hidden]
     */
    Tensor answer(Tensor normed, Rows rows) {
        Tensor q = query.apply(normed, rows.tile()).reshape(normed.size(0), shape.heads(), shape.headDim());
        return output.apply(rows.attend(index, rows.turn().apply(q)), rows.tile());
    }

    List<RowFunction> rowFunctions() {
        return List.of(query, keyValue, output);
    }

    @Override
    public void close() {
        query.close();
        keyValue.close();
        output.close();
    }
}
