package sightline.vision.tower;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import sightline.torch.Fingerprint;
import sightline.torch.Tensor;
import sightline.torch.TensorScope;
import sightline.torch.Torch;
import sightline.vision.image.PixelValues;

/**
 * What a start-up found out about the bits of a model: a fingerprint if equal pictures give equal bits whatever ran in
 * between, else the reason.
 *
 * <p>Finding out runs three images through the model, which also warms it up.
 */
public record Proof(Optional<Fingerprint> fingerprint, List<String> reasons) {
    private static final long SEED = 20240577;

    public Proof {
        reasons = List.copyOf(reasons);
    }

    public static Proof of(VisionModel model, Torch torch) {
        PixelValues probe = noise(model.imageSize(), SEED);
        PixelValues other = noise(model.imageSize(), SEED + 1);
        try (TensorScope _ = TensorScope.open()) {
            Tensor alone = model.project(model.hidden(probe));
            Tensor otherAlone = model.project(model.hidden(other));
            Tensor again = model.project(model.hidden(probe));
            if (!alone.isFinite()) {
                return new Proof(Optional.empty(), List.of("a probe came out as NaN or infinity"));
            }
            if (!alone.sameBits(again)) {
                return new Proof(Optional.empty(), List.of("an image's bits differ from run to run"));
            }
            return new Proof(Optional.of(Fingerprint.of(model.compute(), torch, List.of(alone, otherAlone))),
                    List.of());
        }
    }

    /** Normally distributed pixel values, as a normalized picture roughly has them. */
    private static PixelValues noise(int size, long seed) {
        Random random = new Random(seed);
        float[] values = new float[3 * size * size];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new PixelValues(size, size, values);
    }
}
