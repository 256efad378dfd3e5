package sightline.language.model;

import java.util.List;
import sightline.torch.GatedLinear;
import sightline.torch.Norm;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.Tile;
import sightline.torch.TileLinear;

/** That of Gemma and Llama: a gated MLP reads the sum of input and attention through a norm of its own. */
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/llama/modeling_llama.py#L268-L312
record SerialFeedForward(Norm norm, GatedLinear gated, TileLinear down) implements FeedForward {
    @Override
    public Tensor apply(Tensor x, Tensor normed, Tensor attended, Tile tile) {
        Tensor between = x.add(attended);
        Tensor inner = gated.apply(norm.apply(between), tile);
        return down.apply(inner, tile).addInPlace(between);
    }

    @Override
    public List<RowFunction> rowFunctions() {
        return List.of(gated, down);
    }

    @Override
    public void close() {
        norm.close();
        gated.close();
        down.close();
    }
}
