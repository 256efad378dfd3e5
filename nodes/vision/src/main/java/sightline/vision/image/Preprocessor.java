package sightline.vision.image;

import java.util.Arrays;
import sightline.model.ImageProcessorConfig;
import sightline.model.ImageProcessorConfig.Resize;
import sightline.model.ImageProcessorConfig.Size;

/**
 * Turns decoded pictures into the pixel values of CLIPImageProcessor (transformers 4.57.6, PIL backend), bit for bit.
 *
 * <p>Only what survives the crop is computed, so a picture of 1 x 10000 pixels, which the reference scales to a height of
 * 3.36 million first, costs no more than others. One difference on purpose: the reference takes pictures that are 1 or 3
 * pixels high for ones whose channels come first, and garbles them.
 *
 * <p>Immutable; any thread.
 */
public final class Preprocessor {
    private final ImageProcessorConfig config;
    /** [3, 256]: the value of every byte of every channel. */
    private final float[][] valueOfByte = new float[3][256];
    private final byte[] padding = new byte[3];

    public Preprocessor(ImageProcessorConfig config) {
        this.config = config;
        for (int c = 0; c < 3; c++) {
            float mean = config.mean().get(c).floatValue();
            float std = config.std().get(c).floatValue();
            for (int value = 0; value < 256; value++) {
                valueOfByte[c][value] = ((float) (value * config.rescaleFactor()) - mean) / std;
            }
            // As expand2square is called in llava/mm_utils.py of the original code: the mean colour, rounded down.
            padding[c] = (byte) (int) (config.mean().get(c) * 255);
        }
    }

    public PixelValues apply(RgbImage image) {
        int side = Math.max(image.width(), image.height());
        int paddedWidth = config.padToSquare() ? side : image.width();
        int paddedHeight = config.padToSquare() ? side : image.height();
        Size resized = resized(paddedHeight, paddedWidth);
        Size crop = config.crop().orElse(resized);
        Run columns = Run.centred(resized.width(), crop.width());
        Run rows = Run.centred(resized.height(), crop.height());
        byte[] rgb = new BicubicResize(axis(image.width(), paddedWidth, resized.width(), columns),
                axis(image.height(), paddedHeight, resized.height(), rows), padding).apply(image);
        return normalized(rgb, crop, rows, columns);
    }

    private static BicubicAxis axis(int data, int padded, int resized, Run run) {
        var extent = new BicubicAxis.Extent(data, (padded - data) / 2, padded, resized);
        return new BicubicAxis(extent, run.from(), run.count());
    }

    /**
     * The part of a resized axis that a centred crop keeps.
     *
     * @param from first position kept
     * @param offset where it stands in the crop; what stands before and behind is zero
     */
    private record Run(int from, int count, int offset) {
        static Run centred(int length, int crop) {
            int from = Math.floorDiv(length - crop, 2);
            return new Run(Math.max(0, from), Math.min(length, crop), Math.max(0, -from));
        }
    }

    private Size resized(int height, int width) {
        return switch (config.resize()) {
            case Resize.Keep() -> new Size(height, width);
            case Resize.Exact(Size size) -> size;
            case Resize.ShortestEdge(int pixels) -> height < width
                    ? new Size(pixels, scaled(pixels, width, height))
                    : new Size(scaled(pixels, height, width), pixels);
        };
    }

    /** As get_resize_output_image_size of transformers' image_transforms.py: one division, rounded down. */
    private static int scaled(int pixels, int longEdge, int shortEdge) {
        return (int) ((double) ((long) pixels * longEdge) / shortEdge);
    }

    private PixelValues normalized(byte[] rgb, Size crop, Run rows, Run columns) {
        int plane = crop.height() * crop.width();
        float[] values = new float[3 * plane];
        for (int c = 0; c < 3; c++) {
            Arrays.fill(values, c * plane, (c + 1) * plane, valueOfByte[c][0]);
            for (int y = 0; y < rows.count(); y++) {
                int to = c * plane + (y + rows.offset()) * crop.width() + columns.offset();
                int from = 3 * y * columns.count() + c;
                for (int x = 0; x < columns.count(); x++) {
                    values[to + x] = valueOfByte[c][rgb[from + 3 * x] & 0xff];
                }
            }
        }
        return new PixelValues(crop.height(), crop.width(), values);
    }
}
