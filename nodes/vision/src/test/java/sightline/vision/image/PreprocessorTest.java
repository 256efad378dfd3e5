package sightline.vision.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sightline.model.ImageProcessorConfig;
import sightline.model.ImageProcessorConfig.Resize;
import sightline.model.ImageProcessorConfig.Size;
import sightline.vision.CpuTime;

/** Odd shapes; that ordinary ones equal the reference is shown by {@link PreprocessGoldenTest}. */
class PreprocessorTest {
    private static final List<Double> MEAN = List.of(0.5, 0.4, 0.3);
    private static final List<Double> STD = List.of(0.25, 0.5, 1.0);

    @Test
    void aLongThinPictureCostsNoMoreThanOthers() {
        var preprocessor = new Preprocessor(config(336, 336, false));
        for (int[] size : new int[][]{{1, 10_000}, {10_000, 1}, {2, 65_535}, {65_535, 256}, {1, 1}}) {
            var time = CpuTime.start();
            var pixels = preprocessor.apply(plain(size[0], size[1], 51));
            assertThat(time.elapsed()).isLessThan(Duration.ofSeconds(1));
            assertThat(pixels.values()).hasSize(3 * 336 * 336);
            assertThat(pixels.values()[0]).isEqualTo(((float) (51 / 255.0) - 0.5f) / 0.25f);
            assertThat(range(pixels.values(), 336 * 336)).isZero();
        }
    }

    @Test
    void paddingALongThinPictureDoesNotUnfoldIt() {
        var preprocessor = new Preprocessor(config(336, 336, true));
        for (int[] size : new int[][]{{1, 10_000}, {65_535, 2}, {2, 65_535}}) {
            var time = CpuTime.start();
            var pixels = preprocessor.apply(plain(size[0], size[1], 255));
            assertThat(time.elapsed()).isLessThan(Duration.ofSeconds(1));
            // The corners lie in the padding: int(255 * 0.5) of red.
            assertThat(pixels.values()[0]).isEqualTo(((float) (127 / 255.0) - 0.5f) / 0.25f);
        }
    }

    /** Padding that is only added up in the weights gives the bits of a picture that really holds it. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void paddingEqualsAPaddedPicture(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            var image = noise(1 + random.nextInt(60), 1 + random.nextInt(60), random);
            int edge = 2 + random.nextInt(50);

            var virtual = new Preprocessor(config(edge, edge, true)).apply(image);
            var real = new Preprocessor(config(edge, edge, false)).apply(padded(image));

            assertThat(virtual.values()).as("%dx%d to %d", image.width(), image.height(), edge)
                    .isEqualTo(real.values());
        }
    }

    /** A crop that is computed alone has the bits of the crop of the whole. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aCropEqualsThatPartOfTheWhole(long seed) {
        var random = new Random(seed);
        for (int i = 0; i < 50; i++) {
            var image = noise(1 + random.nextInt(60), 1 + random.nextInt(60), random);
            var size = new Size(1 + random.nextInt(60), 1 + random.nextInt(60));
            var crop = new Size(1 + random.nextInt(70), 1 + random.nextInt(70));

            var whole = new Preprocessor(exact(size, Optional.empty())).apply(image);
            var cropped = new Preprocessor(exact(size, Optional.of(crop))).apply(image);

            assertThat(cropped.values()).as("%s of %s", crop, size).isEqualTo(crop(whole, crop));
        }
    }

    private static float[] crop(PixelValues whole, Size crop) {
        int top = Math.floorDiv(whole.height() - crop.height(), 2);
        int left = Math.floorDiv(whole.width() - crop.width(), 2);
        float[] cropped = new float[3 * crop.height() * crop.width()];
        int to = 0;
        for (int c = 0; c < 3; c++) {
            float zero = (0f - MEAN.get(c).floatValue()) / STD.get(c).floatValue();
            for (int y = top; y < top + crop.height(); y++) {
                for (int x = left; x < left + crop.width(); x++) {
                    boolean inside = y >= 0 && y < whole.height() && x >= 0 && x < whole.width();
                    cropped[to++] = inside ? whole.values()[(c * whole.height() + y) * whole.width() + x] : zero;
                }
            }
        }
        return cropped;
    }

    private static RgbImage padded(RgbImage image) {
        int side = Math.max(image.width(), image.height());
        byte[] rgb = new byte[3 * side * side];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (int) (MEAN.get(i % 3) * 255);
        }
        int left = (side - image.width()) / 2;
        int top = (side - image.height()) / 2;
        for (int y = 0; y < image.height(); y++) {
            System.arraycopy(image.rgb(), 3 * y * image.width(), rgb, 3 * ((top + y) * side + left), 3 * image.width());
        }
        return new RgbImage(side, side, rgb);
    }

    private static float range(float[] values, int count) {
        float low = Float.MAX_VALUE;
        float high = -Float.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            low = Math.min(low, values[i]);
            high = Math.max(high, values[i]);
        }
        return high - low;
    }

    private static RgbImage plain(int width, int height, int value) {
        byte[] rgb = new byte[3 * width * height];
        Arrays.fill(rgb, (byte) value);
        return new RgbImage(width, height, rgb);
    }

    private static RgbImage noise(int width, int height, Random random) {
        byte[] rgb = new byte[3 * width * height];
        random.nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    private static ImageProcessorConfig config(int edge, int crop, boolean pad) {
        return new ImageProcessorConfig(pad, new Resize.ShortestEdge(edge), Optional.of(new Size(crop, crop)),
                1 / 255.0, MEAN, STD);
    }

    private static ImageProcessorConfig exact(Size size, Optional<Size> crop) {
        return new ImageProcessorConfig(false, new Resize.Exact(size), crop, 1 / 255.0, MEAN, STD);
    }
}
