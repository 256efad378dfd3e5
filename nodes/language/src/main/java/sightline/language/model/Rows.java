package sightline.language.model;

import sightline.torch.Rope;
import sightline.torch.Tensor;
import sightline.torch.Tile;

/** The rows that one forward pass computes, and where their keys and values belong. Valid in the scope of its step. */
sealed interface Rows permits PromptRows, TokenRows {
    /** How the linears cut these rows; all of them are one call. */
    Tile tile();

    /** Turns queries and keys to the rows' positions. */
    Rope.Turn turn();

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
