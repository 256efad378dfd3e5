package sightline.language.model;

import java.util.List;
import sightline.torch.RowFunction;
import sightline.torch.Tensor;
import sightline.torch.Tile;

/** How a layer goes on from its attention. */
sealed interface FeedForward extends AutoCloseable permits SerialFeedForward, ParallelFeedForward {
    /**
     * The layer's output.
     *
     * @param x [rows, hidden], the layer's input
     * @param normed [rows, hidden], that input as the attention read it
     * @param attended [rows, hidden], what the attention answered; may be changed
     * @return [rows, hidden]
     */
    Tensor apply(Tensor x, Tensor normed, Tensor attended, Tile tile);

    List<RowFunction> rowFunctions();

    @Override
    void close();
}
