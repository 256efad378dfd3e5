package sightline.language.model;

import java.util.Arrays;
import java.util.List;
import sightline.language.kv.KvLayer;
import sightline.torch.Attention;
import sightline.torch.Tensor;

/**
 * One row of each place, padded to whole tiles.
 *
 * @param rows at least as many as there are places; the others only pad
 */
record TokenRows(List<Place> places, int rows) implements RowGroup {
    /**
     * Where one row belongs.
     *
     * @param kv of the row's sequence, by layer
     */
    record Place(List<KvLayer> kv, int position) {}

    @Override
    public long[] positions() {
        return Arrays.copyOf(places.stream().mapToLong(Place::position).toArray(), rows);
    }

    @Override
    public void write(int layer, Tensor k, Tensor v) {
        for (int i = 0; i < places.size(); i++) {
            var place = places.get(i);
            place.kv().get(layer).write(place.position(), k.narrow(0, i, 1), v.narrow(0, i, 1));
        }
    }

    /** One call per row, whose shape depends on the row's position alone. */
    @Override
    public Tensor attend(int layer, Tensor q) {
        var parts = new Tensor[places.size()];
        for (int i = 0; i < parts.length; i++) {
            var seen = places.get(i).kv().get(layer);
            long length = places.get(i).position() + 1L;
            long kvLength = Attention.decodeKvLength(length);
            parts[i] = Attention.decodeRow(q.narrow(0, i, 1), seen.keys(kvLength), seen.values(kvLength), length);
        }
        return Tensor.cat(0, parts).padRows(q.size(0));
    }
}
