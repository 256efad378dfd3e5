package sightline.torch;

import org.bytedeco.pytorch.global.torch;

/**
 * Attention by plain products: scores and probabilities in the model's type, softmax in float32, as the eager
 * implementation of transformers has it.
 *
 * <p>The query heads that share a KV head are folded into rows of one product. The shape of every call depends on
 * positions alone. Keys and values beyond what is filled must be zero, not garbage: they are masked, yet multiplied.
 * Fastest where the positions of a KV head lie together in memory, even if they are handed in transposed.
 */
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/gemma/modeling_gemma.py#L164-L187
// Here the queries are scaled, not the scores: fewer numbers, and the same bits where the head's size is a power of four.
public final class Attention {
    /** Decoding reads KV in multiples of this many positions, so that kernels are made once per 64 tokens, not per token. */
    public static final int DECODE_KV_STEP = 64;

    private Attention() {}

    /** The KV length that a decode call at a sequence of this length reads. */
    public static long decodeKvLength(long length) {
        return Math.ceilDiv(length, (long) DECODE_KV_STEP) * DECODE_KV_STEP;
    }

    /**
     * What keeps the rows of a tile from seeing later rows of it; made once per step.
     *
     * @return [rows, 1, rows], minus infinity above the diagonal, zero elsewhere
     */
    public static Tensor causalMask(DType dtype, int rows) {
        Tensor all = Tensor.zeros(dtype, rows, rows).fillInPlace(Double.NEGATIVE_INFINITY);
        return Tensor.wrap(torch.triu(all.unwrap(), 1)).reshape(rows, 1, rows);
    }

    /**
     * One prompt tile, whose rows are the last {@code rows} of the KV positions.
     *
     * @param q [rows, heads, headDim]
     * @param k [kvLength, kvHeads, headDim], the tile's own rows included
     * @param v [kvLength, kvHeads, headDim]
     * @param causalMask from {@link #causalMask} for this many rows
     * @return [rows, heads · headDim]
     */
    public static Tensor prefillTile(Tensor q, Tensor k, Tensor v, Tensor causalMask) {
        long rows = q.size(0);
        long kvLength = k.size(0);
        long kvHeads = k.size(1);
        Tensor scores = scores(q, k);
        Tensor own = scores.reshape(kvHeads, rows, -1, kvLength).narrow(3, kvLength - rows, rows);
        own.addInPlace(causalMask);
        return weighted(scores, q, v);
    }

    /**
     * One generated row.
     *
     * @param q [1, heads, headDim]
     * @param k [kvLength, kvHeads, headDim], kvLength from {@link #decodeKvLength}, zero from {@code length} on
     * @param v [kvLength, kvHeads, headDim], likewise
     * @param length positions filled, the row's own included
     * @return [1, heads · headDim]
     */
    public static Tensor decodeRow(Tensor q, Tensor k, Tensor v, long length) {
        long kvLength = k.size(0);
        Tensor scores = scores(q, k);
        if (length < kvLength) {
            scores.narrow(2, length, kvLength - length).fillInPlace(Double.NEGATIVE_INFINITY);
        }
        return weighted(scores, q, v);
    }

    /**
     * Every row sees every row, as in a vision tower.
     *
     * @param q [rows, heads, headDim]
     * @param k [rows, heads, headDim]
     * @param v [rows, heads, headDim]
     * @return [rows, heads · headDim]
     */
    public static Tensor full(Tensor q, Tensor k, Tensor v) {
        Tensor headMajorK = k.transpose(0, 1).contiguous().transpose(0, 1);
        Tensor headMajorV = v.transpose(0, 1).contiguous().transpose(0, 1);
        return weighted(scores(q, headMajorK), q, headMajorV);
    }

    /** [kvHeads, rows · group, kvLength] */
    private static Tensor scores(Tensor q, Tensor k) {
        double scale = 1 / Math.sqrt((double) q.size(2));
        return folded(q, k.size(1)).mul(scale).matmul(k.permute(1, 2, 0));
    }

    /** [kvHeads, rows · group, headDim] */
    private static Tensor folded(Tensor q, long kvHeads) {
        long rows = q.size(0);
        long headDim = q.size(2);
        return q.reshape(rows, kvHeads, -1, headDim).transpose(0, 1).reshape(kvHeads, -1, headDim).contiguous();
    }

    /** [rows, heads · headDim] */
    private static Tensor weighted(Tensor scores, Tensor q, Tensor v) {
        long rows = q.size(0);
        long kvHeads = v.size(1);
        Tensor mixed = scores.softmax().matmul(v.transpose(0, 1));
        return mixed.reshape(kvHeads, rows, -1).transpose(0, 1).reshape(rows, -1);
    }
}
