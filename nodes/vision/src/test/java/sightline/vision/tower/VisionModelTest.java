package sightline.vision.tower;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Torch;
import sightline.torch.WeightClass;
import sightline.vision.Golden;
import sightline.vision.image.PixelValues;

/** What does not depend on reference values: bits that never vary, and refusals. */
class VisionModelTest {
    private static final String CASE = "gemma-mqa";

    private final Torch torch = Torch.start(Device.cpu(), 2);

    @ParameterizedTest
    @EnumSource
    void anImagesBitsDependOnItsPixelsAlone(WeightClass weights) throws ModelProblem {
        Assumptions.assumeTrue(torch.supports(weights), "this CPU has no " + weights);
        try (var model = load(weights)) {
            List<PixelValues> images = noise(model, 8);
            List<byte[]> alone = images.stream().map(model::encode).toList();
            var order = new ArrayList<>(List.of(0, 1, 2, 3, 4, 5, 6, 7));
            for (int batch : new int[]{1, 3, 8}) {
                Collections.shuffle(order, new Random(batch));
                for (int i : order.subList(0, batch)) {
                    assertThat(model.encode(images.get(i))).as("image %d among %d", i, batch).isEqualTo(alone.get(i));
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aModelLoadedAgainHasTheSameFingerprint(WeightClass weights) throws ModelProblem {
        Assumptions.assumeTrue(torch.supports(weights), "this CPU has no " + weights);
        Proof first;
        try (var model = load(weights)) {
            first = Proof.of(model, torch);
        }
        try (var model = load(weights)) {
            assertThat(Proof.of(model, torch)).isEqualTo(first);
        }
        assertThat(first.fingerprint()).isPresent();
        assertThat(first.reasons()).isEmpty();
    }

    @Test
    void otherWeightsAndOtherTypesHaveOtherFingerprints() throws ModelProblem {
        Assumptions.assumeTrue(torch.supports(WeightClass.BFLOAT16), "this CPU has no BFLOAT16");
        try (var model = load(WeightClass.FLOAT32);
                var rounded = load(WeightClass.BFLOAT16);
                var other = VisionModel.load(directory("layout-v5"), Linears.packed(WeightClass.FLOAT32), _ -> {})) {
            assertThat(List.of(Proof.of(model, torch), Proof.of(rounded, torch), Proof.of(other, torch)))
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void bfloat16StaysNearFloat32() throws ModelProblem {
        Assumptions.assumeTrue(torch.supports(WeightClass.BFLOAT16), "this CPU has no BFLOAT16");
        try (var exact = load(WeightClass.FLOAT32); var rounded = load(WeightClass.BFLOAT16)) {
            var image = noise(exact, 1).getFirst();
            float[] expected = floats(exact.encode(image));
            assertThat(Golden.relativeDifference(widened(rounded.encode(image)), expected)).isLessThan(0.05);
        }
    }

    @Test
    void onlyTheLayersThatAreNeededAreLoaded() throws ModelProblem {
        var layers = new ArrayList<Integer>();
        var directory = directory(CASE);
        try (var _ = VisionModel.load(directory, Linears.packed(WeightClass.FLOAT32), layers::add)) {
            // The feature layer is -2: the last one never runs.
            assertThat(layers).hasSize(directory.config().vision().layers() - 1);
        }
    }

    @Test
    void nanInTheWeightsIsRefusedByName(@TempDir Path copy) throws IOException, ModelProblem {
        var name = "vision_tower.vision_model.encoder.layers.0.mlp.fc1.weight";
        poison(copy, name);
        var directory = ModelDirectory.open(copy, ModelDirectory.Options.NONE);

        assertThatThrownBy(() -> VisionModel.load(directory, Linears.packed(WeightClass.FLOAT32), _ -> {}))
                .isInstanceOf(ModelProblem.class)
                .hasMessageContaining(name)
                .hasMessageContaining("NaN");
    }

    @Test
    void picturesThatDoNotFitAndNumbersThatAreNoneAreRefused() throws ModelProblem {
        try (var model = load(WeightClass.FLOAT32)) {
            int size = model.imageSize();
            assertThatThrownBy(() -> model.encode(new PixelValues(size, size + 1, new float[3 * size * (size + 1)])))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected: " + size);
            float[] values = new float[3 * size * size];
            values[7] = Float.NaN;
            assertThatThrownBy(() -> model.encode(new PixelValues(size, size, values)))
                    .isInstanceOf(ArithmeticException.class);
        }
    }

    private static VisionModel load(WeightClass weights) throws ModelProblem {
        return VisionModel.load(directory(CASE), Linears.packed(weights), _ -> {});
    }

    private static ModelDirectory directory(String name) throws ModelProblem {
        return ModelDirectory.open(Golden.root().resolve(name).resolve("checkpoint"), ModelDirectory.Options.NONE);
    }

    private static List<PixelValues> noise(VisionModel model, int count) {
        var random = new Random(11);
        var images = new ArrayList<PixelValues>();
        int size = model.imageSize();
        for (int i = 0; i < count; i++) {
            float[] values = new float[3 * size * size];
            for (int v = 0; v < values.length; v++) {
                values[v] = (float) random.nextGaussian();
            }
            images.add(new PixelValues(size, size, values));
        }
        return images;
    }

    private static float[] floats(byte[] bytes) {
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
        var floats = new float[buffer.remaining()];
        buffer.get(floats);
        return floats;
    }

    /** From bfloat16. */
    private static float[] widened(byte[] bytes) {
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer();
        var floats = new float[buffer.remaining()];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = Float.intBitsToFloat(buffer.get(i) << 16);
        }
        return floats;
    }

    /** Copies the checkpoint with a NaN as the first element of a bfloat16 tensor. */
    private static void poison(Path copy, String tensor) throws IOException {
        var checkpoint = Golden.root().resolve(CASE).resolve("checkpoint");
        try (var files = Files.list(checkpoint)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(String.valueOf(file.getFileName())));
            }
        }
        var weights = copy.resolve("model.safetensors");
        var bytes = ByteBuffer.wrap(Files.readAllBytes(weights)).order(ByteOrder.LITTLE_ENDIAN);
        int headerBytes = Math.toIntExact(bytes.getLong(0));
        var header = new String(bytes.array(), 8, headerBytes, StandardCharsets.UTF_8);
        int offsets = header.indexOf("\"data_offsets\":[", header.indexOf("\"" + tensor + "\"")) + 16;
        int begin = Integer.parseInt(header.substring(offsets, header.indexOf(',', offsets)));
        bytes.putShort(8 + headerBytes + begin, (short) 0x7fc0);
        Files.write(weights, bytes.array());
    }
}
