package sightline.vision.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.image.UnreadableImage;
import sightline.vision.Golden;

/** Every picture file of the golden folders decodes to what PIL makes of it. */
class DecodeGoldenTest {
    /** What another build of libjpeg may do to a sample; none was seen. */
    private static final int JPEG_LEVELS = 2;

    static Stream<Arguments> pictures() {
        var pictures = new ArrayList<Arguments>();
        var decode = Golden.open(Golden.root().resolve("images"), "decode");
        decode.tensors()
                .filter(t -> t.endsWith(".rgb"))
                .forEach(t -> pictures.add(Arguments.of(decode, t.substring(0, t.length() - 4), t)));
        Golden.cases().forEach(golden -> {
            for (int i = 0; i < golden.images().size(); i++) {
                pictures.add(Arguments.of(golden, golden.images().get(i), "image_" + i + ".pixels_u8"));
            }
        });
        return pictures.stream();
    }

    @ParameterizedTest
    @MethodSource("pictures")
    void decodesAsPilDoes(Golden golden, String file, String tensor) throws UnreadableImage {
        RgbImage image = ImageDecoder.decode(golden.file(file));

        assertThat(new long[]{image.height(), image.width(), 3}).isEqualTo(golden.shape(tensor));
        int allowed = file.endsWith(".jpg") ? JPEG_LEVELS : 0;
        assertThat(largestDifference(image.rgb(), golden.bytes(tensor))).as("levels").isLessThanOrEqualTo(allowed);
    }

    private static int largestDifference(byte[] got, byte[] expected) {
        int largest = 0;
        for (int i = 0; i < expected.length; i++) {
            largest = Math.max(largest, Math.abs((got[i] & 0xff) - (expected[i] & 0xff)));
        }
        return largest;
    }
}
