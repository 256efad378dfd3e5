package sightline.language.model;

import sightline.torch.Tile;

/**
 * How rows are cut into calls, as far as the self-test allows.
 *
 * @param prefill for prompt rows, aligned to position 0
 * @param decode for generated rows and for a prompt's last row
 */
record Tiles(Tile prefill, Tile decode) {
    /** Every tile a call of its own. */
    Tiles separate() {
        return new Tiles(Tile.separate(prefill.rows()), Tile.separate(decode.rows()));
    }
}
