package sightline.model;

import java.util.List;
import java.util.Optional;
import sightline.wire.Sha256;

/**
 * What turns a decoded RGB picture into pixel values, in order: pad, resize, crop, rescale, normalize.
 *
 * <p>Resizing is bicubic with PIL's antialiasing.
 *
 * @param padToSquare pad the short side evenly with the mean colour first
 * @param crop around the centre, padded with zeros where the picture is smaller
 * @param rescaleFactor what bytes are multiplied by; 1 when the file says not to rescale
 * @param mean per channel; zeros when the file says not to normalize
 * @param std per channel; ones when the file says not to normalize
 */
public record ImageProcessorConfig(boolean padToSquare, Resize resize, Optional<Size> crop, double rescaleFactor,
        List<Double> mean, List<Double> std) {

    /** Counts our own changes: one that alters any pixel value makes a new number. */
    private static final int ALGORITHM = 1;

    /** How a picture is scaled. */
    public sealed interface Resize {
        /** Leaves the size alone. */
        record Keep() implements Resize {}

        /** The short edge becomes {@code pixels}, the long one {@code int(pixels * long / short)}. */
        record ShortestEdge(int pixels) implements Resize {}

        /** Exactly this size, whatever the aspect ratio. */
        record Exact(Size size) implements Resize {}
    }

    /** In pixels. */
    public record Size(int height, int width) {}

    public ImageProcessorConfig {
        mean = List.copyOf(mean);
        std = List.copyOf(std);
    }

    /** Equal digests mean equal pixel values for equal pictures; a part of every image key. */
    public Sha256 digest() {
        var text = "preprocessing " + ALGORITHM + "\npad " + padToSquare + "\nresize " + resize + " bicubic\ncrop "
                + crop
                + "\nrescale " + rescaleFactor + "\nmean " + mean + "\nstd " + std + "\n";
        return Sha256.of(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
