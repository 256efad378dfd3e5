package sightline.vision.tower;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import sightline.model.ModelDirectory;
import sightline.model.ModelProblem;
import sightline.torch.DType;
import sightline.torch.Device;
import sightline.torch.Linears;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Torch;
import sightline.torch.WeightClass;
import sightline.vision.image.PixelValues;

/** How far the projected tokens of eight-bit weights turn away from those of bfloat16, on a checkpoint of any size. */
@EnabledIfSystemProperty(named = "sightline.checkpoint", matches = ".+")
class Int8BesideBfloat16Test {
    private static final int PICTURES = 2;
    private static final double LEAST_COSINE = 0.99;

    @Test
    void everyRowHasNearlyTheSameDirection() throws ModelProblem {
        var directory = ModelDirectory.open(Path.of(System.getProperty("sightline.checkpoint")),
                ModelDirectory.Options.NONE);
        var int8 = rows(directory, WeightClass.INT8);
        var bfloat16 = rows(directory, WeightClass.BFLOAT16);
        int width = directory.config().text().hidden();
        double[] cosines = IntStream.range(0, PICTURES)
                .boxed()
                .flatMapToDouble(i -> IntStream.range(0, int8.get(i).length / width)
                        .mapToDouble(row -> cosine(int8.get(i), bfloat16.get(i), row * width, width)))
                .sorted()
                .toArray();
        System.out.printf("projected tokens of int8 beside bfloat16, %d rows: cosine least %.4f, median %.4f%n",
                cosines.length, cosines[0], cosines[cosines.length / 2]);
        assertThat(cosines[0]).isGreaterThanOrEqualTo(LEAST_COSINE);
    }

    private static List<float[]> rows(ModelDirectory directory, WeightClass weights) throws ModelProblem {
        Torch.start(Device.cpu(), 2);
        var rows = new ArrayList<float[]>();
        try (var model = VisionModel.load(directory, Linears.packed(weights), _ -> {})) {
            for (int i = 0; i < PICTURES; i++) {
                try (TensorScope _ = TensorScope.open()) {
                    Tensor projected = model.project(model.hidden(waves(i, model.imageSize())));
                    rows.add(projected.to(DType.FLOAT32).toFloats());
                }
            }
        }
        return rows;
    }

    /** A picture of smooth waves, another one for every seed. */
    private static PixelValues waves(int seed, int edge) {
        var random = new Random(seed);
        float[] values = new float[3 * edge * edge];
        for (int channel = 0; channel < 3; channel++) {
            double along = 1 + 9 * random.nextDouble();
            double down = 1 + 9 * random.nextDouble();
            for (int i = 0; i < edge * edge; i++) {
                double x = (double) (i % edge) / edge;
                double y = (double) i / edge / edge;
                values[channel * edge * edge + i] = (float) (2 * Math.sin(along * x) * Math.cos(down * y));
            }
        }
        return new PixelValues(edge, edge, values);
    }

    private static double cosine(float[] one, float[] other, int from, int count) {
        double product = 0;
        double ones = 0;
        double others = 0;
        for (int i = from; i < from + count; i++) {
            product += (double) one[i] * other[i];
            ones += (double) one[i] * one[i];
            others += (double) other[i] * other[i];
        }
        return product / Math.sqrt(ones * others);
    }
}
