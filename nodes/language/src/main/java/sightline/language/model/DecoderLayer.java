package sightline.language.model;

import java.util.List;
import java.util.stream.Stream;
import sightline.torch.Norm;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;

/**
 * One decoder layer: a norm, attention, and what its family does beside or after that.
 *
 * <p>Its two halves can be called apart: in the last layer every row must be remembered, but of a prompt only the
 * last one answers.
 */
final class DecoderLayer implements AutoCloseable {
    private final Norm inputNorm;
    private final SelfAttention attention;
    private final FeedForward feedForward;

    /** Takes its parts over. */
    DecoderLayer(Norm inputNorm, SelfAttention attention, FeedForward feedForward) {
        this.inputNorm = inputNorm;
        this.attention = attention;
        this.feedForward = feedForward;
    }

    /**
     * Remembers all rows and answers for all of them.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden]
     */
    Tensor forward(Tensor x, Rows rows) {
        Tensor normed = inputNorm.apply(x);
        attention.remember(normed, rows);
        return answer(x, normed, rows);
    }

    /**
     * Only keeps the keys and values of the rows.
     *
     * @param x [rows, hidden]
     */
    void remember(Tensor x, Rows rows) {
        attention.remember(inputNorm.apply(x), rows);
    }

    /**
     * Only answers for rows that were remembered before.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden]
     */
    Tensor answer(Tensor x, Rows rows) {
        return answer(x, inputNorm.apply(x), rows);
    }

    /** All linears, which treat each row without a look at other positions. */
    List<RowFunction> rowFunctions() {
        return Stream.concat(attention.rowFunctions().stream(), feedForward.rowFunctions().stream())
                .toList();
    }

    @Override
    public void close() {
        inputNorm.close();
        attention.close();
        feedForward.close();
    }

    private Tensor answer(Tensor x, Tensor normed, Rows rows) {
        return feedForward.apply(x, normed, attention.answer(normed, rows), rows.tile());
    }
}
