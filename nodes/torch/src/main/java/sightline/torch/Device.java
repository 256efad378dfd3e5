package sightline.torch;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where tensors live and compute, as a setting names it: {@code cpu}, {@code cuda}, {@code cuda:1}, {@code hpu:0}.
 *
 * @param index number of the device among its kind
 */
public record Device(Kind kind, int index) {
    private static final Pattern NAME = Pattern.compile("(cpu|cuda|hpu)(?::(\\d{1,3}))?");

    /** What LibTorch calls a device type. */
    public enum Kind {
        CPU, CUDA, HPU
    }

    public Device {
        if (index < 0 || (kind == Kind.CPU && index != 0)) {
            throw new IllegalArgumentException("index: " + index + " (expected: >= 0, and 0 for cpu)");
        }
    }

    public static Device cpu() {
        return new Device(Kind.CPU, 0);
    }

    /**
     * Reads one of the forms above.
     *
     * @throws IllegalArgumentException if the name is none of them; the text says which there are
     */
    public static Device parse(String name) {
        Matcher match = NAME.matcher(name);
        if (!match.matches()) {
            throw new IllegalArgumentException("device: " + name + " (expected: cpu, cuda[:n] or hpu[:n])");
        }
        Kind kind = Kind.valueOf(match.group(1).toUpperCase(Locale.ROOT));
        String index = match.group(2);
        return new Device(kind, index == null ? 0 : Integer.parseInt(index));
    }

    /** Prompt rows in one call of a linear; the numerics class of a device contains it, so it is never a setting. */
    public int prefillRows() {
        return 32;
    }

    /** Generated rows in one call of a linear; eight cost only a tenth more than one, as reading the weights governs. */
    public int decodeRows() {
        return 8;
    }

    @Override
    public String toString() {
        String name = kind.name().toLowerCase(Locale.ROOT);
        return kind == Kind.CPU ? name : name + ":" + index;
    }
}
