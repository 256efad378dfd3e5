package sightline.wire;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The element types that a tensor may have on the wire; little-endian. */
public enum ElementType {
    FLOAT32("float32", 4), BFLOAT16("bfloat16", 2);

    private final String wireName;
    private final int bytes;

    ElementType(String wireName, int bytes) {
        this.wireName = wireName;
        this.bytes = bytes;
    }

    public static ElementType parse(String wireName) {
        return Arrays.stream(values())
                .filter(t -> t.wireName.equals(wireName))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("dtype: " + wireName + " (expected: "
                        + Arrays.stream(values()).map(ElementType::wireName).collect(Collectors.joining(", ")) + ")"));
    }

    public String wireName() {
        return wireName;
    }

    /** Bytes of one element. */
    public int bytes() {
        return bytes;
    }
}
