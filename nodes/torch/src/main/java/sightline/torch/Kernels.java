package sightline.torch;

import java.util.Locale;

/** Whose matrix products the linear layers run on. */
public enum Kernels {
    /** oneDNN's, on weights put into its own layout beforehand: the CPU only, and all weight classes. */
    PACKED,
    /** LibTorch's plain operators, on any device that it knows: float32 and bfloat16. */
    PLAIN;

    /**
     * Reads a setting.
     *
     * @throws IllegalArgumentException if the name is none of them; the text says which there are
     */
    public static Kernels parse(String name, Device device) {
        boolean cpu = device.kind() == Device.Kind.CPU;
        var kernels = switch (name) {
            case "auto" -> cpu ? PACKED : PLAIN;
            case "packed" -> PACKED;
            case "plain" -> PLAIN;
            default -> throw new IllegalArgumentException("kernels: " + name + " (expected: auto, packed or plain)");
        };
        if (kernels == PACKED && !cpu) {
            throw new IllegalArgumentException(
                    "kernels: packed on " + device + " (expected: plain or auto, packed is for the CPU)");
        }
        return kernels;
    }

    /** As a setting names it. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
