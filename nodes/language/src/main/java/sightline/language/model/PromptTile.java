package sightline.language.model;

import java.util.List;
import java.util.stream.LongStream;
import sightline.language.kv.KvLayer;
import sightline.torch.Attention;
import sightline.torch.Tensor;

/**
 * One prompt tile of one sequence, perhaps padded.
 *
 * @param kv of the sequence, by layer
 * @param from position of the first row
 * @param to position after the last row that is not padding
 * @param mask from {@link Attention#causalMask} for all rows of the tile
 */
record PromptTile(List<KvLayer> kv, int from, int to, Tensor mask) implements RowGroup {
    @Override
    public int rows() {
        return Math.toIntExact(mask.size(0));
    }

    @Override
    public long[] positions() {
        return LongStream.range(from, end()).toArray();
    }

    @Override
    public void write(int layer, Tensor k, Tensor v) {
        kv.get(layer).write(from, k.narrow(0, 0, to - from), v.narrow(0, 0, to - from));
    }

    /** Against the positions up to the tile's own end. */
    @Override
    public Tensor attend(int layer, Tensor q) {
        var seen = kv.get(layer);
        return Attention.prefillTile(q, seen.keys(end()), seen.values(end()), mask);
    }

    private long end() {
        return (long) from + rows();
    }
}
