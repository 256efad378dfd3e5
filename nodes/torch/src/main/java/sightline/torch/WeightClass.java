package sightline.torch;

import java.util.Locale;

/** How the weights of a model's linear layers are held; everything else is computed in {@link #compute}. */
public enum WeightClass {
    FLOAT32, BFLOAT16,
    /** Eight-bit weights and activations, each row and each output channel by a scale of its own. */
    INT8;

    /** The type of activations, norms, attention and results. */
    public DType compute() {
        return switch (this) {
            case FLOAT32 -> DType.FLOAT32;
            case BFLOAT16, INT8 -> DType.BFLOAT16;
        };
    }

    /** As a setting names it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
