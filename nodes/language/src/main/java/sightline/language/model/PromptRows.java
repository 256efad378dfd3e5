package sightline.language.model;

import java.util.List;
import sightline.language.kv.KvLayer;
import sightline.torch.Attention;
import sightline.torch.Rope;
import sightline.torch.Tensor;
import sightline.torch.Tile;

/**
 * Whole prompt tiles of one sequence, the last of them perhaps padded.
 *
 * @param kv of the sequence, by layer
 * @param from position of the first row, a tile's first
 * @param to position after the last row of the prompt that is computed here
 * @param mask from {@link Attention#causalMask} for a tile
 */
record PromptRows(Tile tile, Rope.Turn turn, List<KvLayer> kv, int from, int to, Tensor mask) implements Rows {
    @Override
    public void write(int layer, Tensor k, Tensor v) {
        kv.get(layer).write(from, k.narrow(0, 0, to - from), v.narrow(0, 0, to - from));
    }

    /** Tile by tile, each against the positions up to its own end. */
    @Override
    public Tensor attend(int layer, Tensor q) {
        var seen = kv.get(layer);
        var parts = new Tensor[Math.toIntExact(q.size(0) / tile.rows())];
        for (int i = 0; i < parts.length; i++) {
            int start = i * tile.rows();
            long end = (long) from + start + tile.rows();
            parts[i] = Attention.prefillTile(q.narrow(0, start, tile.rows()), seen.keys(end), seen.values(end), mask);
        }
        return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
    }
}
