package sightline.vision.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.vision.Golden;

/** Pixel values equal those of transformers, from the same decoded pixels. */
class PreprocessGoldenTest {
    private static final double TOLERANCE = 1e-5;

    static Stream<Golden> cases() {
        return Golden.cases();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void pixelValuesEqualTheReference(Golden golden) throws ModelProblem {
        var config = ModelDirectory.open(golden.checkpoint(), ModelDirectory.Options.NONE).config().preprocessing();
        var preprocessor = new Preprocessor(config);
        for (int i = 0; i < golden.images().size(); i++) {
            String decoded = "image_" + i + ".pixels_u8";
            long[] shape = golden.shape(decoded);
            var image = new RgbImage((int) shape[1], (int) shape[0], golden.bytes(decoded));

            PixelValues pixels = preprocessor.apply(image);

            String expected = "image_" + i + ".pixel_values";
            assertThat(new long[]{3, pixels.height(), pixels.width()}).isEqualTo(golden.shape(expected));
            assertThat(Golden.largestDifference(pixels.values(), golden.floats(expected)))
                    .as(golden.images().get(i))
                    .isLessThanOrEqualTo(TOLERANCE);
        }
    }
}
