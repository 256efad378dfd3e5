package sightline.vision.tower;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.Device;
import sightline.torch.Kernels;
import sightline.torch.Linears;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Torch;
import sightline.torch.WeightClass;
import sightline.vision.Golden;
import sightline.vision.image.PixelValues;

/** Hidden states and projected tokens in float32 lie within 1e-4 of those of transformers, relative to the largest. */
class StageGoldenTest {
    private static final double TOLERANCE = 1e-4;

    static Stream<Arguments> cases() {
        return Golden.cases()
                .flatMap(golden -> Stream.of(Kernels.values()).map(kernels -> Arguments.of(golden, kernels)));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyStageEqualsTheReference(Golden golden, Kernels kernels) throws ModelProblem {
        Torch.start(Device.cpu(), 2);
        var directory = ModelDirectory.open(golden.checkpoint(), ModelDirectory.Options.NONE);
        var linears = new Linears(WeightClass.FLOAT32, kernels, Optional.empty());
        try (VisionModel model = VisionModel.load(directory, linears, _ -> {})) {
            for (int i = 0; i < golden.images().size(); i++) {
                compare(model, golden, "image_" + i);
            }
        }
    }

    private static void compare(VisionModel model, Golden golden, String image) {
        long[] shape = golden.shape(image + ".pixel_values");
        var pixels = new PixelValues((int) shape[1], (int) shape[2], golden.floats(image + ".pixel_values"));
        try (TensorScope _ = TensorScope.open()) {
            Tensor hidden = model.hidden(pixels);
            Tensor projected = model.project(hidden);

            assertThat(hidden.shape()).isEqualTo(golden.shape(image + ".vision_hidden"));
            assertThat(projected.shape()).isEqualTo(golden.shape(image + ".projected"));
            assertThat(Golden.relativeDifference(hidden.toFloats(), golden.floats(image + ".vision_hidden")))
                    .as("hidden states of " + image)
                    .isLessThanOrEqualTo(TOLERANCE);
            assertThat(Golden.relativeDifference(projected.toFloats(), golden.floats(image + ".projected")))
                    .as("projected tokens of " + image)
                    .isLessThanOrEqualTo(TOLERANCE);
        }
    }
}
