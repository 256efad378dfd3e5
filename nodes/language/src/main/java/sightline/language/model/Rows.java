package sightline.language.model;

import java.util.List;
import sightline.torch.Rope;
import sightline.torch.Tensor;
import sightline.torch.Tile;

/**
 * The rows that one forward pass computes: every linear reads all of them in one call, and each group attends by
 * itself. Valid in the scope of its pass.
 *
 * @param turn turns queries and keys to the rows' positions
 */
record Rows(List<RowGroup> groups, Rope.Turn turn) {
    int count() {
        return groups.stream().mapToInt(RowGroup::rows).sum();
    }

    /** How the linears cut these rows: not at all. */
    Tile tile() {
        return Tile.separate(count());
    }

    /** Keeps keys and values of one layer, [rows, kvHeads, headDim], the keys turned. */
    void write(int layer, Tensor k, Tensor v) {
        int first = 0;
        for (var group : groups) {
            group.write(layer, k.narrow(0, first, group.rows()), v.narrow(0, first, group.rows()));
            first += group.rows();
        }
    }

    /**
     * What the rows see in one layer.
     *
     * @param q [rows, heads, headDim], turned
     * @return [rows, heads · headDim]
     */
    Tensor attend(int layer, Tensor q) {
        var parts = new Tensor[groups.size()];
        int first = 0;
        for (int i = 0; i < parts.length; i++) {
            var group = groups.get(i);
            parts[i] = group.attend(layer, q.narrow(0, first, group.rows()));
            first += group.rows();
        }
        return parts.length == 1 ? parts[0] : Tensor.cat(0, parts);
    }
}
