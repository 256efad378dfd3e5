package sightline.model;

import java.util.Arrays;
import java.util.Optional;

/** The element types that weights may be stored in; little-endian. */
public enum StoredType {
    F32("float32", 4), BF16("bfloat16", 2), F16("float16", 2);

    private final String label;
    private final int bytes;

    StoredType(String label, int bytes) {
        this.label = label;
        this.bytes = bytes;
    }

    /** The name in configurations. */
    public String label() {
        return label;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }

    static Optional<StoredType> ofName(String safetensorsName) {
        return Arrays.stream(values()).filter(t -> t.name().equals(safetensorsName)).findFirst();
    }

    /** {@code torch_dtype} in 4.x, {@code dtype} in 5.x, at the top or in the text part; float32 without either. */
    static StoredType declared(JsonSection config, JsonSection text) {
        var label = config.text("torch_dtype")
                .or(() -> config.text("dtype"))
                .or(() -> text.text("torch_dtype"))
                .or(() -> text.text("dtype"));
        var type = label.flatMap(l -> Arrays.stream(values()).filter(t -> t.label.equals(l)).findFirst());
        if (label.isPresent() && type.isEmpty())
            config.problem("dtype", label.get(), "float32, bfloat16 or float16");
        return type.orElse(F32);
    }
}
