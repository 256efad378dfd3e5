package sightline.vision.tower;

import java.util.Optional;
import sightline.torch.Activation;
import sightline.torch.Attention;
import sightline.torch.LayerNorm;
import sightline.torch.OwnedTensor;
import sightline.torch.Tensor;
import sightline.torch.Tile;
import sightline.torch.TileLinear;

/**
 * One layer of a tower. CLIP and SigLIP have no scales; DINOv2 has both.
 *
 * @param attentionIn queries, keys and values as one layer: [3 * hidden, hidden]
 * @param attentionScale [hidden], on what attention adds
 * @param mlpScale [hidden], on what the MLP adds
 */
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/clip/modeling_clip.py#L371-L419
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/dinov2/modeling_dinov2.py (Dinov2Layer)
record TowerLayer(LayerNorm attentionNorm, TileLinear attentionIn, TileLinear attentionOut,
        Optional<OwnedTensor> attentionScale, int heads, LayerNorm mlpNorm,
        TileLinear mlpIn, Activation activation, TileLinear mlpOut,
        Optional<OwnedTensor> mlpScale) implements AutoCloseable {

    /**
     * Runs the layer on all rows of one image.
     *
     * @param x [rows, hidden]
     * @return [rows, hidden]
     */
    Tensor apply(Tensor x) {
        Tile tile = Tile.separate(Math.toIntExact(x.size(0)));
        Tensor attended = x
                .add(scaled(attentionOut.apply(attention(attentionNorm.apply(x), tile), tile), attentionScale));
        Tensor widened = activation.apply(mlpIn.apply(mlpNorm.apply(attended), tile));
        return attended.add(scaled(mlpOut.apply(widened, tile), mlpScale));
    }

    private static Tensor scaled(Tensor x, Optional<OwnedTensor> scale) {
        return scale.map(s -> x.mul(s.tensor())).orElse(x);
    }

    private Tensor attention(Tensor x, Tile tile) {
        long rows = x.size(0);
        long hidden = x.size(1);
        Tensor joined = attentionIn.apply(x, tile);
        return Attention.full(part(joined, 0, rows, hidden), part(joined, 1, rows, hidden),
                part(joined, 2, rows, hidden));
    }

    /** [rows, heads, headDim] of queries (0), keys (1) or values (2). */
    private Tensor part(Tensor joined, int number, long rows, long hidden) {
        return joined.narrow(1, number * hidden, hidden).reshape(rows, heads, -1);
    }

    @Override
    public void close() {
        attentionNorm.close();
        attentionIn.close();
        attentionOut.close();
        mlpNorm.close();
        mlpIn.close();
        mlpOut.close();
        attentionScale.ifPresent(OwnedTensor::close);
        mlpScale.ifPresent(OwnedTensor::close);
    }
}
