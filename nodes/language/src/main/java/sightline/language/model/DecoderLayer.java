package sightline.language.model;

import java.util.List;
import sightline.model.TextConfig;
import sightline.torch.GatedLinear;
import sightline.torch.RmsNorm;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.TileLinear;

/**
 * One decoder layer of Gemma.
 *
 * <p>Its two halves can be called apart: in the last layer of a prompt every row must be remembered, but only the last
 * one answers.
 */
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/gemma/modeling_gemma.py#L256-L303
final class DecoderLayer implements AutoCloseable {
    private final int index;
    private final TextConfig shape;
    private final RmsNorm inputNorm;
    private final TileLinear query;
    private final TileLinear keyValue;
    private final TileLinear output;
    private final RmsNorm feedForwardNorm;
    private final GatedLinear gated;
    private final TileLinear down;

    /**
     * Takes its parts over.
     *
     * @see GemmaWeights#layer
     */
    DecoderLayer(int index, TextConfig shape, RmsNorm inputNorm, TileLinear query, TileLinear keyValue,
            TileLinear output, RmsNorm feedForwardNorm, GatedLinear gated, TileLinear down) {
        this.index = index;
        this.shape = shape;
        this.inputNorm = inputNorm;
        this.query = query;
        this.keyValue = keyValue;
        this.output = output;
        this.feedForwardNorm = feedForwardNorm;
        this.gated = gated;
        this.down = down;
    }

    /**
     * Remembers all rows and answers for all of them.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden]
     */
    Tensor forward(Tensor x, Rows rows) {
        Tensor normed = inputNorm.apply(x);
        remember(normed, rows);
        return answer(x, normed, rows);
    }

    /**
     * Only keeps the keys and values of the rows.
     *
     * @param x [rows, hidden]
     */
    void rememberOnly(Tensor x, Rows rows) {
        remember(inputNorm.apply(x), rows);
    }

    /**
     * Only answers for rows that were remembered before.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden]
     */
    Tensor answerOnly(Tensor x, Rows rows) {
        return answer(x, inputNorm.apply(x), rows);
    }

    private void remember(Tensor normed, Rows rows) {
        Tensor kv = keyValue.apply(normed, rows.tile()).reshape(normed.size(0), 2L * shape.kvHeads(), shape.headDim());
        Tensor k = rows.turn().apply(kv.narrow(1, 0, shape.kvHeads()));
        rows.write(index, k, kv.narrow(1, shape.kvHeads(), shape.kvHeads()));
    }

    private Tensor answer(Tensor x, Tensor normed, Rows rows) {
        Tensor q = query.apply(normed, rows.tile()).reshape(normed.size(0), shape.heads(), shape.headDim());
        Tensor seen = rows.attend(index, rows.turn().apply(q));
        Tensor between = x.add(output.apply(seen, rows.tile()));
        Tensor inner = gated.apply(feedForwardNorm.apply(between), rows.tile());
        return down.apply(inner, rows.tile()).addInPlace(between);
    }

    /** All that is done to a row without a look at other positions. */
    List<RowFunction> rowFunctions() {
        return List.of(query, keyValue, output, gated, down);
    }

    @Override
    public void close() {
        inputNorm.close();
        feedForwardNorm.close();
        List.of(query, keyValue, output, down).forEach(TileLinear::close);
        gated.close();
    }
}
