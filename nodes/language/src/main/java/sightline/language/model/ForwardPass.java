package sightline.language.model;

import java.util.ArrayList;
import java.util.List;
import sightline.language.kv.KvStore;
import sightline.language.model.TokenRows.Place;
import sightline.language.schedule.SequenceId;
import sightline.torch.Attention;
import sightline.torch.Tensor;

/**
 * Rows of several sequences on their way through layers together. Valid in the scope it was made in.
 *
 * <p>All of them are remembered. Generated rows are answered, and the rows that end a prompt.
 */
final class ForwardPass {
    private final LayerStack layers;
    private final KvStore store;
    private final Tiles tiles;
    private final Tensor input;
    private final List<RowGroup> groups = new ArrayList<>();
    private final List<Tensor> padded = new ArrayList<>();
    private final List<Place> answered = new ArrayList<>();
    private final List<Long> answeredRows = new ArrayList<>();
    private final List<Long> realRows = new ArrayList<>();
    private int taken;
    private int rows;

    /**
     * Lays the rows out.
     *
     * @param pass not empty
     * @param input [rows, hidden], those of the pass in their order
     */
    ForwardPass(RowLayout pass, Tensor input, LayerStack layers, KvStore store, Tiles tiles) {
        this.layers = layers;
        this.store = store;
        this.tiles = tiles;
        this.input = input;
        if (!pass.tokens().isEmpty()) {
            add(pass.tokens());
        }
        if (!pass.prompts().isEmpty()) {
            Tensor mask = Attention.causalMask(layers.compute(), tiles.promptRows());
            pass.prompts().forEach(tile -> add(tile, mask));
        }
    }

    /**
     * What the layers make of the rows.
     *
     * @return [rows, hidden], all of them; of the decoder's last layer only those that are answered, which may be none
     */
    Tensor run() {
        Tensor read = layers.read(Tensor.cat(0, padded.toArray(Tensor[]::new)), layers.rows(groups));
        if (!layers.range().endsDecoder()) {
            return realRows.size() == rows ? read : read.rows(numbers(realRows));
        }
        if (answered.isEmpty()) {
            return read.narrow(0, 0, 0);
        }
        var answering = tokenRows(answered);
        Tensor chosen = read.rows(numbers(answeredRows)).padRows(answering.rows());
        return layers.answer(chosen, layers.rows(List.of(answering))).firstRows(answered.size());
    }

    private void add(List<RowLayout.Token> tokens) {
        var group = tokenRows(tokens.stream().map(token -> place(token.id(), token.position())).toList());
        for (int i = 0; i < tokens.size(); i++) {
            answer(group.places().get(i), i);
        }
        add(group, tokens.size());
    }

    private void add(RowLayout.Span tile, Tensor mask) {
        if (tile.answered()) {
            answer(place(tile.id(), tile.to() - 1), tile.to() - 1 - tile.from());
        }
        add(new PromptTile(store.of(tile.id()), tile.from(), tile.to(), mask), tile.to() - tile.from());
    }

    /** @param real rows that do not only pad; the first ones */
    private void add(RowGroup group, int real) {
        groups.add(group);
        padded.add(input.narrow(0, taken, real).padRows(group.rows()));
        for (int i = 0; i < real; i++) {
            realRows.add((long) rows + i);
        }
        taken += real;
        rows += group.rows();
    }

    /** @param row of the group that is added next */
    private void answer(Place place, int row) {
        answered.add(place);
        answeredRows.add((long) rows + row);
    }

    private Place place(SequenceId id, int position) {
        return new Place(store.of(id), position);
    }

    private TokenRows tokenRows(List<Place> places) {
        return new TokenRows(places, Math.ceilDiv(places.size(), tiles.tokenRows()) * tiles.tokenRows());
    }

    private static long[] numbers(List<Long> rows) {
        return rows.stream().mapToLong(Long::longValue).toArray();
    }
}
