package sightline.vision.tower;

import java.util.List;
import java.util.Optional;
import sightline.torch.DType;
import sightline.torch.LayerNorm;
import sightline.torch.OwnedTensor;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Tile;
import sightline.torch.TileLinear;
import sightline.vision.image.PixelValues;

/**
 * A vision tower up to its last feature layer: layers beyond it and the final norm are not there.
 *
 * @param patchEmbedding [hidden, 3 * patchSize * patchSize]
 * @param classEmbedding [1, hidden]; SigLIP has none
 * @param positions [rows, hidden]
 * @param firstNorm before the first layer; only CLIP has it
 */
// https://github.com/huggingface/transformers/blob/v4.57.6/src/transformers/models/clip/modeling_clip.py#L164-L255
record Tower(DType compute, int imageSize, int patchSize, TileLinear patchEmbedding,
        Optional<OwnedTensor> classEmbedding,
        OwnedTensor positions, Optional<LayerNorm> firstNorm, List<TowerLayer> layers,
        FeatureLayers features) implements AutoCloseable {

    Tower {
        layers = List.copyOf(layers);
    }

    /**
     * Computes the selected hidden states of one image, side by side.
     *
     * @return [rows, hidden * number of feature layers]; the class token's row, if there is one, comes first
     */
    Tensor apply(PixelValues pixels) {
        if (pixels.height() != imageSize || pixels.width() != imageSize) {
            throw new IllegalArgumentException("pixels: " + pixels.width() + "x" + pixels.height() + " (expected: "
                    + imageSize + "x" + imageSize + ")");
        }
        Tensor[] states = new Tensor[layers.size() + 1];
        states[0] = TensorScope.keeping(() -> entering(pixels));
        for (int i = 0; i < layers.size(); i++) {
            TowerLayer layer = layers.get(i);
            Tensor x = states[i];
            states[i + 1] = TensorScope.keeping(() -> layer.apply(x));
        }
        Tensor[] selected = features.states().stream().map(state -> states[state]).toArray(Tensor[]::new);
        return selected.length == 1 ? selected[0] : Tensor.cat(1, selected);
    }

    private Tensor entering(PixelValues pixels) {
        Tensor embedded = embedded(pixels);
        return firstNorm.map(norm -> norm.apply(embedded)).orElse(embedded);
    }

    private Tensor embedded(PixelValues pixels) {
        float[] patches = Patches.cut(pixels, patchSize);
        int width = 3 * patchSize * patchSize;
        int count = patches.length / width;
        Tensor embedded = patchEmbedding.apply(Tensor.of(patches, count, width).to(compute), Tile.separate(count));
        return classEmbedding.map(row -> Tensor.cat(0, row.tensor(), embedded))
                .orElse(embedded)
                .addInPlace(positions.tensor());
    }

    @Override
    public void close() {
        patchEmbedding.close();
        classEmbedding.ifPresent(OwnedTensor::close);
        positions.close();
        firstNorm.ifPresent(LayerNorm::close);
        layers.forEach(TowerLayer::close);
    }
}
