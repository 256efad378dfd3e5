package sightline.language.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sightline.language.kv.KvStore;
import sightline.language.model.TokenRows.Place;
import sightline.language.schedule.SequenceId;
import sightline.torch.Attention;
import sightline.torch.DType;
import sightline.torch.Tensor;

/**
 * Rows of several sequences on their way through a decoder together. Valid in the scope it was made in.
 *
 * <p>All of them are remembered. Generated rows are answered, and the rows that end a prompt.
 */
final class ForwardPass {
    private final Decoder decoder;
    private final KvStore store;
    private final Tiles tiles;
    private final List<RowGroup> groups = new ArrayList<>();
    private final List<Tensor> inputs = new ArrayList<>();
    private final List<Place> answered = new ArrayList<>();
    private final List<Long> answeredRows = new ArrayList<>();
    private int rows;

    private ForwardPass(Decoder decoder, KvStore store, Tiles tiles) {
        this.decoder = decoder;
        this.store = store;
        this.tiles = tiles;
    }

    /** @param batch not empty */
    static ForwardPass of(Batch batch, Decoder decoder, KvStore store, Tiles tiles) {
        var pass = new ForwardPass(decoder, store, tiles);
        if (!batch.tokens().isEmpty()) {
            pass.add(batch.tokens());
        }
        if (!batch.prompts().isEmpty()) {
            Tensor mask = Attention.causalMask(decoder.compute(), tiles.promptRows());
            batch.prompts().forEach(tile -> pass.add(tile, mask));
        }
        return pass;
    }

    /** [answered rows, vocabulary] float32, in the order in which they were given; empty where none is answered. */
    Optional<Tensor> logits() {
        Tensor read = decoder.read(Tensor.cat(0, inputs.toArray(Tensor[]::new)), decoder.rows(groups));
        if (answered.isEmpty()) {
            return Optional.empty();
        }
        var answering = tokenRows(answered);
        Tensor chosen = read.rows(answeredRows.stream().mapToLong(Long::longValue).toArray());
        Tensor logits = decoder.answer(chosen.padRows(answering.rows()), decoder.rows(List.of(answering)),
                tiles.head());
        return Optional.of(logits.firstRows(answered.size()).to(DType.FLOAT32));
    }

    private void add(List<DecodeRow> tokens) {
        var group = tokenRows(tokens.stream().map(token -> place(token.id(), token.position())).toList());
        for (int i = 0; i < tokens.size(); i++) {
            answer(group.places().get(i), i);
        }
        add(group, decoder.embedded(tokens.stream().mapToLong(DecodeRow::token).toArray(), group.rows()));
    }

    private void add(PromptSpan tile, Tensor mask) {
        if (tile.endsPrompt()) {
            answer(place(tile.id(), tile.to() - 1), tile.to() - 1 - tile.from());
        }
        add(new PromptTile(store.of(tile.id()), tile.from(), tile.to(), mask),
                decoder.embedded(tile, tiles.promptRows()));
    }

    private void add(RowGroup group, Tensor input) {
        groups.add(group);
        inputs.add(input);
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
}
