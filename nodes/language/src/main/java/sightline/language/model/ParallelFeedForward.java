package sightline.language.model;

import java.util.List;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.Tile;
import sightline.torch.TileLinear;

/**
 * That of Phi: the MLP reads what the attention reads, and both are added to the input.
 *
 * @param up with the activation after it
 */
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/phi/modeling_phi.py#L210-L256
record ParallelFeedForward(TileLinear up, TileLinear down) implements FeedForward {
    @Override
    public Tensor apply(Tensor x, Tensor normed, Tensor attended, Tile tile) {
        // In this order, which rounds as transformers does.
        return attended.addInPlace(down.apply(up.apply(normed, tile), tile)).addInPlace(x);
    }

    @Override
    public List<RowFunction> rowFunctions() {
        return List.of(up, down);
    }

    @Override
    public void close() {
        up.close();
        down.close();
    }
}
