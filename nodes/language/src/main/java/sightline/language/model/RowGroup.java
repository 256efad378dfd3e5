package sightline.language.model;

import sightline.torch.Tensor;

/** Rows of one forward pass that attend in the same way. Valid in the scope of its pass. */
sealed interface RowGroup permits PromptTile, TokenRows {
    /** Padding included. */
    int rows();

    /** Position of each row; those that only pad are at any. */
    long[] positions();

    /**
     * Keeps keys and values of one layer.
     *
     * @param k [rows, kvHeads, headDim], turned; rows that only pad are not kept
     * @param v [rows, kvHeads, headDim]
     */
    void write(int layer, Tensor k, Tensor v);

    /**
     * What the rows see in one layer.
     *
     * @param q [rows, heads, headDim], turned
     * @return [rows, heads · headDim]
     */
    Tensor attend(int layer, Tensor q);
}
