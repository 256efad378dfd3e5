package sightline.torch;

import org.bytedeco.pytorch.global.torch.ScalarType;

/** The element type of a tensor. */
public enum DType {
    FLOAT32(4), BFLOAT16(2),
    /** Read from files only: the CPU multiplies it forty times slower than bfloat16, so nothing computes in it. */
    FLOAT16(2),
    /** Row numbers for {@link Tensor#rows}. */
    INT64(8);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    // A method, not a field: naming a ScalarType loads LibTorch, and settings are parsed before that.
    ScalarType scalarType() {
        return switch (this) {
            case FLOAT32 -> ScalarType.Float;
            case BFLOAT16 -> ScalarType.BFloat16;
            case FLOAT16 -> ScalarType.Half;
            case INT64 -> ScalarType.Long;
        };
    }

    static DType of(ScalarType type) {
        // Natives return fresh instances of their enums; intern() finds the constant.
        return switch (type.intern()) {
            case Float -> FLOAT32;
            case BFloat16 -> BFLOAT16;
            case Half -> FLOAT16;
            case Long -> INT64;
            default -> throw new IllegalArgumentException("dtype: " + type + " (expected: one of DType)");
        };
    }
}
