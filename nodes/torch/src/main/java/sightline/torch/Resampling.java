package sightline.torch;

import org.bytedeco.pytorch.global.torch;

/** Makes grids of numbers larger or smaller. */
public final class Resampling {
    private Resampling() {}

    /**
     * As {@code torch.nn.functional.interpolate} with {@code mode="bicubic", align_corners=False} and a size.
     *
     * @param grids [batch, channels, rows, columns] float32
     * @return [batch, channels, toRows, toColumns] float32
     */
    public static Tensor bicubic(Tensor grids, long toRows, long toColumns) {
        return Tensor.wrap(torch.upsample_bicubic2d(grids.unwrap(), new long[]{toRows, toColumns}, false));
    }
}
