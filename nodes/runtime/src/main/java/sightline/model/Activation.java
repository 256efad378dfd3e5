package sightline.model;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The activation functions by their names in configurations, with the meaning that transformers 4.57.6 gives them. */
public enum Activation {
    // "gelu" is the exact erf form there; 5.x reads it as tanh for Gemma.
    GELU_ERF("gelu"), GELU_TANH("gelu_pytorch_tanh", "gelu_new"), QUICK_GELU("quick_gelu"), SILU("silu", "swish");

    @SuppressWarnings("ImmutableEnumChecker") // List.of is
    private final List<String> names;

    Activation(String... names) {
        this.names = List.of(names);
    }

    static Optional<Activation> ofName(String name) {
        return Arrays.stream(values()).filter(a -> a.names.contains(name)).findFirst();
    }

    static String known() {
        return String.join(", ", Arrays.stream(values()).flatMap(a -> a.names.stream()).toList());
    }
}
