package sightline.vision.tower;

import sightline.torch.Activation;
import sightline.torch.Tensor;
import sightline.torch.Tile;
import sightline.torch.TileLinear;

/** Carries image features into the language model's space: linear, activation, linear. */
record Projector(TileLinear first, Activation activation, TileLinear second) implements AutoCloseable {
    /**
     * Projects the rows of one image.
     *
     * @param features [tokens, features]
     * @return [tokens, hidden]
     */
    Tensor apply(Tensor features) {
        Tile tile = Tile.separate(Math.toIntExact(features.size(0)));
        return second.apply(activation.apply(first.apply(features, tile)), tile);
    }

    @Override
    public void close() {
        first.close();
        second.close();
    }
}
